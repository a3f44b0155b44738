"""Client addresses: whom a limit counts, and what of them may be written down."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"
"""A client whose address nobody knows; all of them are counted together."""
IPV6_HOME = 64
"""An IPv6 customer gets a whole network of this size and may take a new address at will."""
IPV4_NEIGHBOURHOOD = 24
IPV6_NEIGHBOURHOOD = 48


def counted(host: str | None) -> str:
    """The one behind this address: an IPv4 address, or the /64 network of an IPv6 one."""
    address = _read(host)
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address.packed, IPV6_HOME), strict=False))


def neighbourhood(host: str | None) -> str:
    """So much of the address as says where from, but not who: a /24, or a /48 of IPv6."""
    address = _read(host)
    if address is None:
        return UNKNOWN
    size = IPV4_NEIGHBOURHOOD if isinstance(address, IPv4Address) else IPV6_NEIGHBOURHOOD
    return str(ip_network((address.packed, size), strict=False))


def _read(host: str | None) -> IPv4Address | IPv6Address | None:
    """What a proxy says may be anything; an IPv4 address in IPv6 clothes is an IPv4 address."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
