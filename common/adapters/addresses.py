"""Which network addresses may be asked. Everything that is not plainly a public address of the internet may not.

IANA special-purpose registries (RFC 6890 and what updated it). Forms that carry an IPv4 address inside an IPv6 one (mapped, compatible,
NAT64, 6to4, Teredo) are refused as a whole: what they reach is decided by somebody else's translator.
"""

from __future__ import annotations

import ipaddress
from typing import Literal

from common.errors import Refused

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Zone = Literal["public", "private", "loopback", "forbidden"]

_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_FORBIDDEN_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20", "2620:4f:8000::/48")
)
_FORBIDDEN_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "169.254.0.0/16",  # link-local, cloud metadata
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_PRIVATE_V4 = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_PRIVATE_V6 = ipaddress.IPv6Network("fc00::/7")


def zone_of(address: IpAddress) -> Zone:
    """*public*, *private* (RFC 1918, unique local), *loopback*, or *forbidden*: all the rest, IPv4 in IPv6's clothes included."""
    if isinstance(address, ipaddress.IPv4Address):
        if address.is_loopback:
            return "loopback"
        if any(address in network for network in _PRIVATE_V4):
            return "private"
        return "forbidden" if any(address in network for network in _FORBIDDEN_V4) else "public"
    if address.scope_id is not None:
        return "forbidden"
    if address.is_loopback:
        return "loopback"
    if address in _PRIVATE_V6:
        return "private"
    if address not in _PUBLIC_V6 or any(address in network for network in _FORBIDDEN_V6):
        return "forbidden"
    return "public"


def check_address(text: str, *, sandbox: bool, private_allowed: bool = False) -> IpAddress:
    """An address as text, as a resolver gives it → the address. Raises Refused("address_not_allowed")."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Refused("address_not_allowed", "not a network address") from None
    zone = zone_of(address)
    if zone == "public" or (zone == "loopback" and sandbox) or (zone == "private" and private_allowed):
        return address
    raise Refused("address_not_allowed", "that host is not on the public internet")
