"""One plain mail address: what may be written to, and come from."""

import re

LONGEST_ADDRESS = 254
"""RFC 5321 §4.5.3.1.3, less the two brackets."""
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
"""A dot-atom at a host name (RFC 5322 §3.4.1): no comment, no quotes, no list, no control
character, nothing outside ASCII, which not every server on the way carries (RFC 6531)."""
_ENCODED_WORD = "=?"
"""Opens an encoded word: Python up to 3.11.9 turns one into real header lines (CVE-2024-6923)."""


class AddressRefused(Exception):
    """A recipient is not one plain address; the error does not repeat it."""


def checked_address(address: str) -> str:
    """One plain mail address, unchanged. Raises AddressRefused."""
    plain = len(address) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(address)
    if not plain or _ENCODED_WORD in address:
        raise AddressRefused
    return address
