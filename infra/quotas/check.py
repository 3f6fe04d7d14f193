"""The preflight of a plan: what it wants more of each quota, against what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.quotas.counting import Counts, Place
from infra.quotas.limits import Limits, Origin
from infra.quotas.present import Present


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A quota that a plan does not fit in.

    Args:
        place: The quota, and which VPC, group, instance type or document.
        name: As Service Quotas calls it.
        limit: Its value.
        origin: Who says so.
        used: How much is used now.
        wanted: How much more the plan wants.
        remedy: The request to raise it as a command, or what to do where there is none.
        fits: How many more tenants of each tier fit; None where no known quota bounds them.
    """

    place: Place
    name: str
    limit: int
    origin: Origin
    used: int
    wanted: int
    remedy: str
    fits: Mapping[str, int | None] = field(default_factory=dict[str, "int | None"])

    @property
    def left(self) -> int:
        """How many are left."""
        return max(0, self.limit - self.used)

    def __str__(self) -> str:
        where = f" ({self.place.at})" if self.place.at else ""
        fits = ", ".join(
            f"{'any number' if count is None else count} of tier {tier}" for tier, count in sorted(self.fits.items())
        )
        tail = f"; more tenants that fit: {fits}" if fits else ""
        return (
            f"{self.name}{where}: {self.wanted} more are wanted, and {self.left} are left of {self.limit} "
            f"({self.used} used; {self.origin} limit){tail}"
        )


@dataclass(frozen=True, kw_only=True)
class NotKnown:
    """A quota of which nobody can tell whether a plan fits.

    Args:
        place: The quota, and which VPC, group or instance type.
        name: As Service Quotas calls it.
        wanted: How much more the plan wants.
        why: What is not known of it.
    """

    place: Place
    name: str
    wanted: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found.

    Args:
        refusals: What the plan does not fit in, the fewest left first: any of it stops the plan.
        not_known: What could not be judged, for a caller to show or to refuse.
    """

    refusals: tuple[Refusal, ...]
    not_known: tuple[NotKnown, ...]


def check(wanted: Counts, limits: Limits, present: Present, *, fits: Mapping[str, int | None] | None = None) -> Checked:
    """Whether a plan fits in the quotas.

    Args:
        wanted: What the plan uses more, as `infra.quotas.counting.added` counts it.
        limits: The account's limits.
        present: What the account uses.
        fits: How many more tenants of each tier fit, to be told with each refusal.
    """
    refusals: list[Refusal] = []
    not_known: list[NotKnown] = []
    for place, count in sorted(wanted.items()):
        if count <= 0:
            continue
        limit = limits.of(place)
        # A document has the quota for itself.
        used = 0 if limit.quota.per == "document" else present.counts.get(place, 0)
        why = _unknown(limits, present, place)
        if why:
            not_known.append(NotKnown(place=place, name=limit.name, wanted=count, why=why))
        # What is used is counted in part where a read was denied: too much of a part is too much of the whole.
        if limit.value is not None and used + count > limit.value:
            refusal = Refusal(
                place=place,
                name=limit.name,
                limit=limit.value,
                origin=limit.origin,
                used=used,
                wanted=count,
                remedy=limit.raised_to(used + count),
                fits=fits or {},
            )
            refusals.append(refusal)
    refusals.sort(key=lambda one: (one.left, one.place))
    return Checked(refusals=tuple(refusals), not_known=tuple(not_known))


def _unknown(limits: Limits, present: Present, place: Place) -> str:
    if limits.of(place).value is None:
        denied = limits.unread.get(place.quota)
        return f"its limit: {denied}" if denied else "its limit: AWS publishes no default, and the account has none"
    if place.quota in present.unread:
        return f"how much is used: {present.unread[place.quota]}"
    return ""
