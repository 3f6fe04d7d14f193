"""Numbers, moments and addresses that policies tell apart: the limits that they name, and one value between two.

Source: IAM User Guide, "Condition operators", Numeric, Date and IP address condition operators.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import pairwise

from infra.evaluator.conditions.date import moment_of
from infra.evaluator.conditions.numeric import number_in
from infra.proof.atoms.errors import NotModelled

#: Digits and powers of ten up to which limits are told apart exactly.
_MOST_DIGITS = 60
#: What AWS's clocks tell apart is coarser than this, in seconds.
_SHORTEST = 2e-6
_EARLIEST, _LATEST = "1971-01-01T00:00:00+00:00", "9998-12-31T00:00:00+00:00"


def number_atoms(limits: Sequence[str]) -> tuple[str, ...]:
    """Each limit, one number between neighbours, one below all and one above; texts that are no numbers are left out.

    Raises:
        NotModelled: a limit has too many digits.
    """
    found = sorted({number for number in map(number_in, limits) if number is not None})
    if any(abs(number.adjusted()) + len(number.as_tuple().digits) > _MOST_DIGITS for number in found):
        raise NotModelled(f"a comparison with a number of more than {_MOST_DIGITS} digits")
    if not found:
        return ("1",)
    with localcontext() as context:
        context.prec = 4 * _MOST_DIGITS
        between = [_between(low, high) for low, high in pairwise(found)]
        return tuple(str(number) for number in (*found, *between, found[0] - 1, found[-1] + 1))


def moment_atoms(limits: Sequence[str]) -> tuple[str, ...]:
    """Each limit, one moment between neighbours, one before all and one after; texts that are no dates are left out.

    Raises:
        NotModelled: two limits are so close that no moment between them can be written.
    """
    found = {at: limit for limit in limits if (at := moment_of(limit)) is not None}
    ends = [at for at in map(moment_of, (_EARLIEST, _LATEST)) if at is not None]
    if any(not ends[0] < at < ends[1] for at in found):
        raise NotModelled("a comparison with a date before 1971 or after 9998")
    if any(later - earlier < _SHORTEST for earlier, later in pairwise(sorted(found))):
        raise NotModelled("a comparison with two dates less than two microseconds apart")
    between = (_written((earlier + later) / 2) for earlier, later in pairwise(sorted({*found, *ends})))
    return (*found.values(), *between)


def address_atoms(ranges: Sequence[str]) -> tuple[str, ...]:
    """The first address of every range and the first one after it: ranges tell no two addresses between these apart."""
    starts: set[IPv4Address | IPv6Address] = {IPv4Address("203.0.113.1"), ip_address("2001:db8::1")}
    starts |= {IPv4Address(0), IPv6Address(0)}
    for written in ranges:
        try:
            network = ip_network(written, strict=False)
        except ValueError:
            continue
        starts.add(network.network_address)
        if int(network.broadcast_address) + 1 < 1 << network.max_prefixlen:
            starts.add(network.broadcast_address + 1)
    usual = sorted(starts, key=lambda address: (address.is_unspecified, address.version, int(address)))
    return tuple(map(str, usual))


def _between(low: Decimal, high: Decimal) -> Decimal:
    whole = low.to_integral_value(rounding="ROUND_FLOOR") + 1
    return whole if low < whole < high else (low + high) / 2


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
