"""Which addresses a webhook may have: none of this machine or of a private network, unless the operator says so.

The name is resolved once, and the request goes to the address that was looked at: a name that resolves to another one
a moment later leads nowhere.
Source: OWASP Cheat Sheet Series, "Server-Side Request Forgery Prevention".
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

from infra.service.outbox.receiver import NotTold

#: Resolves a name and a port to addresses, as text.
Resolve = Callable[[str, int], list[str]]
_METADATA = frozenset({ipaddress.ip_address("169.254.169.254"), ipaddress.ip_address("fd00:ec2::254")})
#: "This network" (RFC 791), and addresses of IPv6 that stand for one of IPv4 (RFC 6052; RFC 3056; RFC 4380).
_OTHERS = ("0.0.0.0/8", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
_NEVER = tuple(map(ipaddress.ip_network, _OTHERS))


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order.

    Raises:
        NotTold: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotTold(f"{host} has no address: {error}") from None
    return [str(each[4][0]) for each in found]


def allowed_address(host: str, port: int, *, private: bool, loopback: bool, resolver: Resolve = resolve) -> str:
    """The address to connect to.

    Args:
        host: Name or address.
        port: The port.
        private: Whether it may be one of a private network.
        loopback: Whether it is to be 127.0.0.1, and nothing else.
        resolver: Resolves names.

    Raises:
        NotTold: one of the name's addresses is none that may be reached: then none is.
    """
    addresses = resolver(host, port)
    for text in addresses:
        if not _allowed(ipaddress.ip_address(text.partition("%")[0]), private=private, loopback=loopback):
            raise NotTold(f"{host} has the address {text}, which webhooks may not have")
    if not addresses:
        raise NotTold(f"{host} has no address")
    return addresses[0]


def _allowed(address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, private: bool, loopback: bool) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None:
        return _allowed(mapped, private=private, loopback=loopback)
    if loopback:
        return address == ipaddress.ip_address("127.0.0.1")
    if address in _METADATA or address.is_multicast or address.is_unspecified or address.is_loopback:
        return False
    if address.is_link_local or any(address.version == each.version and address in each for each in _NEVER):
        return False
    return address.is_global or (private and address.is_private and not address.is_reserved)
