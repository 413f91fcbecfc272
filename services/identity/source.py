"""Where a request comes from: the address of the connection, or what our own proxies say."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from fastapi import Request

UNKNOWN = "inconnue"
"""A connection without an address: a local socket."""
ONE_SITE = 56
"""Bits of an IPv6 address that tell one site from another: the others are its own to choose.

A site gets more than one /64 (RFC 6177), often 256 of them; counted by /64 it would have as many
times the attempts. 56 is assumed: who gets a /48 has 256 sources.
"""

Address = IPv4Address | IPv6Address


class Sources:
    """Reads `X-Forwarded-For` from the proxies that the settings name, and from nobody else."""

    def __init__(self, trusted_proxies: str) -> None:
        self._trusted = [
            ip_network(each.strip()) for each in trusted_proxies.split(",") if each.strip()
        ]

    def of(self, request: Request) -> str:
        """The source that attempts are counted by."""
        address = _read(request.client.host if request.client else "")
        if address is None:
            return UNKNOWN
        told = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        while told and self._is_ours(address):
            further = _read(told.pop().strip())
            if further is None:
                break  # what is before it was said by nobody that we know
            address = further
        return _site(address)

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _site(address: Address) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), ONE_SITE), strict=False))
    return str(address)
