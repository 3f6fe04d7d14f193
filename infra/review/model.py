"""What a reviewer is told of a change: plain frozen values that the comment, the page and the JSON document show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from infra.changes import Idle, Reason
from infra.changes.touched import Fate
from infra.proof.report import Report, Verdict

Op = Literal["create", "update", "replace", "delete"]
Level = Literal["mandatory", "advisory"]


@dataclass(frozen=True, kw_only=True)
class PropertyDiff:
    """A property that differs.

    Args:
        path: The provider's path of it, for example ``productionVariants[0].instanceType``.
        before: Its value in a few words; empty where there was none.
        after: Likewise; empty where there is none any more.
        replaces: Whether it makes the resource be replaced.
    """

    path: str
    before: str = ""
    after: str = ""
    replaces: bool = False


@dataclass(frozen=True, kw_only=True)
class ResourceDiff:
    """A resource that would be changed.

    Args:
        type: The type token.
        name: The resource's name in its program.
        op: What would happen to it.
        properties: What differs.
        loses: What would be lost with it for good; empty where nothing is.
    """

    type: str
    name: str
    op: Op
    properties: tuple[PropertyDiff, ...] = ()
    loses: str = ""

    @property
    def destroys(self) -> bool:
        """Whether data would be lost."""
        return bool(self.loses) and self.op in ("replace", "delete")


@dataclass(frozen=True, kw_only=True)
class CostChange:
    """A charge that differs, or cannot be told.

    Args:
        resource: The resource's name in its program.
        item: What is charged.
        before: US dollars a month; None where it is not known, 0 where there was none.
        after: Likewise.
        note: What the reader must know of it.
    """

    resource: str
    item: str
    before: float | None
    after: float | None
    note: str = ""

    @property
    def usd_month(self) -> float:
        """The difference in US dollars a month, of what is known."""
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True, kw_only=True)
class StackReview:
    """What would become of a stack.

    Args:
        stack: ``platform``, or a tenant's id.
        title: The tenant's display name; empty for the platform. Whoever writes the spec chooses it.
        fate: Changed, new or deleted.
        reasons: Why the stack is looked at.
        outcome: How its preview ended; ``skipped`` where there was none.
        error: Why it failed, or was skipped.
        resources: What would be changed.
        unchanged: How many resources stay as they are.
        before_usd: The fixed costs as deployed, in US dollars a month.
        after_usd: Likewise, after the change.
        costs: The charges that differ.
        warnings: What the engine warned of.
        notes: What the reader must know.
    """

    stack: str
    title: str
    fate: Fate
    reasons: tuple[Reason, ...]
    outcome: Literal["succeeded", "failed", "cancelled", "skipped"]
    error: str = ""
    resources: tuple[ResourceDiff, ...] = ()
    unchanged: int = 0
    before_usd: float = 0.0
    after_usd: float = 0.0
    costs: tuple[CostChange, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def destroyed(self) -> tuple[ResourceDiff, ...]:
        """The resources with which data would be lost."""
        return tuple(each for each in self.resources if each.destroys)

    @property
    def usd_month(self) -> float:
        """By how much it would cost more, in US dollars a month."""
        return self.after_usd - self.before_usd

    def count(self, op: Op) -> int:
        """How many resources the operation would be done to."""
        return sum(each.op == op for each in self.resources)


@dataclass(frozen=True, kw_only=True)
class QuotaUse:
    """How much of a quota is used.

    Args:
        scope: Whose: a cell, the Region, a tenant.
        quota: Which, by its key in the spec.
        before: Used by the specs as they were; None where they cannot be read any more.
        after: Used by the specs as they are.
        limit: How much there is.
    """

    scope: str
    quota: str
    before: int | None
    after: int
    limit: int

    @property
    def share(self) -> float:
        """Which part of it is used, from 0 to 1 (1 where there is none)."""
        return self.after / self.limit if self.limit else 1.0


@dataclass(frozen=True, kw_only=True)
class PolicyFinding:
    """What a rule of the policy pack finds.

    Args:
        stack: The stack.
        rule: The rule's name.
        level: Whether it stops an update.
        control: The control of a published standard that it stands for; empty where there is none.
        resource: The resource's name in its program.
        type: Its type token.
        message: What is wrong.
        remedy: What to do.
        new: Whether the change brings it: what is deployed does not have it.
    """

    stack: str
    rule: str
    level: Level
    control: str
    resource: str
    type: str
    message: str
    remedy: str
    new: bool = True


@dataclass(frozen=True, kw_only=True, order=True)
class Access:
    """Something that somebody can do.

    Args:
        owner: Whose principal it is.
        principal: Its ARN.
        may: What it can do: a level of access, or actions.
        of: Whose resource it is.
        resource: Its ARN.
        via: What allows it.
    """

    owner: str
    principal: str
    may: str
    of: str
    resource: str
    via: str = ""


@dataclass(frozen=True, kw_only=True)
class Isolation:
    """What is proven of the planned state, and what differs from the deployed one.

    Args:
        report: The proof of the planned state.
        before: The verdict over what is deployed; None where nothing is.
        without_new: The verdict without the stacks that are not deployed yet, whose policies hold ids that AWS has
            still to choose; None where that makes no difference.
        gained: What somebody can newly do.
        dropped: What somebody cannot do any more.
    """

    report: Report
    before: Verdict | None
    without_new: Verdict | None = None
    gained: tuple[Access, ...] = ()
    dropped: tuple[Access, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Review:
    """The whole.

    Args:
        ref: What it is compared with, as it was named.
        base: The commit from which the change was forked off.
        head: The commit that is checked out.
        stacks: The stacks that the change touches.
        idle: The files that touch none.
        isolation: What is proven; None where nothing could be.
        isolation_error: Why nothing could be proven.
        quotas: The quotas that the specs use.
        policy: What the policy pack finds.
        prices: Which prices these are, and what they are not.
        notes: What the reader must know of the whole.
    """

    ref: str
    base: str
    head: str
    stacks: tuple[StackReview, ...]
    idle: tuple[Idle, ...] = ()
    isolation: Isolation | None = None
    isolation_error: str = ""
    quotas: tuple[QuotaUse, ...] = ()
    policy: tuple[PolicyFinding, ...] = ()
    prices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[StackReview, ...]:
        """The stacks whose preview did not succeed."""
        return tuple(each for each in self.stacks if each.outcome in ("failed", "cancelled"))

    @property
    def destroyed(self) -> int:
        """With how many resources data would be lost."""
        return sum(len(each.destroyed) for each in self.stacks)

    @property
    def usd_month(self) -> float:
        """By how much everything would cost more, in US dollars a month."""
        return sum(each.usd_month for each in self.stacks)

    @property
    def forbidden(self) -> tuple[PolicyFinding, ...]:
        """The findings that stop an update."""
        return tuple(each for each in self.policy if each.level == "mandatory")

    @property
    def verdict(self) -> Verdict:
        """What is known of the planned state: where a stack could not be previewed, no proof is of all of it."""
        if self.isolation is None:
            return Verdict.UNKNOWN
        found = self.isolation.report.verdict
        return Verdict.UNKNOWN if found is Verdict.PROVED and self.failed else found
