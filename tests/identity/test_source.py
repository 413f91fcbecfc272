"""A source is the connection; what a request says of itself counts from our own proxies only."""

import pytest
from fastapi import Request

from services.identity.source import UNKNOWN, Sources

OURS = "10.0.3.0/24, fd00::/8"


def request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    client = None if peer is None else (peer, 1234)
    return Request({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "source"),
    [
        ("", "192.0.2.1", (), "192.0.2.1"),
        ("", "192.0.2.1", ("198.51.100.9",), "192.0.2.1"),
        ("", "127.0.0.1", ("198.51.100.9",), "127.0.0.1"),
        (OURS, "192.0.2.1", ("198.51.100.9",), "192.0.2.1"),
        (OURS, "10.0.3.7", (), "10.0.3.7"),
        (OURS, "10.0.3.7", ("198.51.100.9",), "198.51.100.9"),
        (OURS, "10.0.3.7", ("203.0.113.5, 198.51.100.9",), "198.51.100.9"),
        (OURS, "10.0.3.7", ("203.0.113.5", "198.51.100.9, 10.0.3.8"), "198.51.100.9"),
        (OURS, "10.0.3.7", ("203.0.113.5, nonsense",), "10.0.3.7"),
        (OURS, "10.0.3.7", ("10.0.3.9",), "10.0.3.9"),
        (OURS, "fd00::1", ("::ffff:198.51.100.9",), "198.51.100.9"),
        ("", "::ffff:192.0.2.1", (), "192.0.2.1"),
        ("", None, ("198.51.100.9",), UNKNOWN),
        ("", "/run/socket", (), UNKNOWN),
    ],
)
def test_source(trusted: str, peer: str | None, forwarded: tuple[str, ...], source: str) -> None:
    assert Sources(trusted).of(request(peer, *forwarded)) == source


def test_addresses_of_one_site_are_one_source() -> None:
    sources = Sources("")
    one, same = sources.of(request("2001:db8:1:2::1")), sources.of(request("2001:db8:1:ff:ff::9"))
    assert one == same == "2001:db8:1::/56"
    assert sources.of(request("2001:db8:1:100::1")) != one


def test_proxy_that_is_no_network_is_a_setting_to_correct() -> None:
    with pytest.raises(ValueError, match="not appear to be"):
        Sources("everyone")
