"""What is wrong with a range of addresses, in the words of the official provider."""

from __future__ import annotations

import ipaddress
from typing import Any

from infra.sandbox.aws.wire import has_unknown


def network_problem(value: Any, *, version: int, shortest: int = 0, longest: int = 128) -> str | None:
    """Return why the value is no network address in CIDR notation, or None.

    `version` is 4 or 6; `shortest` and `longest` are the prefix lengths allowed. Values that are not set, or not known
    yet, are right.
    """
    if value is None or has_unknown(value):
        return None
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version or "/" not in value:
        return f"{value!r} is not a valid IPv{version} CIDR block"
    if str(network) != value.lower():
        return f"{value!r} has host bits set; did you mean {str(network)!r}?"
    if not shortest <= network.prefixlen <= longest:
        return f"{value!r}: expected a prefix length of {shortest} to {longest}; got {network.prefixlen}"
    return None
