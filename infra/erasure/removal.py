"""Removes what an inventory found, in its order; each removal says what it did, and goes on where it was cut off.

Nothing disputed is removed. Keys go last, and only when everything else is gone or ends by itself: as long as
something stands against the erasure, the tenant can still be restored, and what is left still be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from infra.erasure import bucket_contents
from infra.erasure.account import ErasableAccount
from infra.erasure.inventory import Inventory, Item
from infra.erasure.kinds import TABLE, Kind
from infra.erasure.kinds.entry import filled
from infra.erasure.kinds.identity import KEY, PENDING
from infra.erasure.kinds.storage import BUCKET
from infra.live.account import Absent, Unread

Outcome = Literal["removed", "scheduled", "asked", "gone", "refused", "failed"]
Now = Callable[[], datetime]

#: How many days a key waits for its deletion where nothing else is said: the most that AWS allows.
WINDOW = 30


class Removal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of one thing.

    Args:
        kind: What it is, as the table of kinds calls it.
        id: What tells it from others of its kind.
        arn: Its ARN; empty where it has none.
        claimed_by: What made it the tenant's: name, arn, tag, reference (to the tenant's key) or container.
        count: How many were removed, where it stands for many.
        outcome: removed; scheduled, with the end fixed; asked, to end first; gone before; refused by us; failed at AWS.
        detail: Until when, or why; empty where there is nothing to say.
        at: When, in UTC, as ISO 8601.
    """

    kind: str
    id: str
    arn: str
    claimed_by: tuple[str, ...]
    count: int
    outcome: Outcome
    detail: str
    at: str


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def remove(
    account: ErasableAccount,
    inventory: Inventory,
    *,
    kinds: Iterable[Kind] = TABLE,
    window_days: int = WINDOW,
    done: Callable[[Removal], None] = lambda _: None,
    now: Now = utc_now,
) -> tuple[Removal, ...]:
    """Remove what an inventory has left.

    Args:
        account: The account, by credentials that may remove.
        inventory: What to remove; take it anew for each run.
        kinds: The table that the inventory was taken by.
        window_days: How many days keys wait for their deletion, 7 to 30.
        done: Is told of each removal as soon as it happened.
        now: The clock.

    Returns:
        What became of each thing.

    Raises:
        ValueError: `window_days` is not in the range that AWS allows.
        UserError: The credentials are not valid.
    """
    if not 7 <= window_days <= 30:
        raise ValueError(f"window_days is {window_days}; AWS allows 7 to 30")
    run = _Run(account, {kind.name: kind for kind in kinds}, {"Window": window_days}, now)
    removals: list[Removal] = []
    standing = bool(inventory.not_read)
    for item in inventory.left:
        removal = run.held(item) if standing and item.kind.startswith("kms:") else run.removed(item)
        standing = standing or removal.outcome in ("asked", "refused", "failed")
        removals.append(removal)
        done(removal)
    return tuple(removals)


class _Run:
    """One run over an inventory."""

    def __init__(self, account: ErasableAccount, kinds: dict[str, Kind], more: dict[str, Any], now: Now) -> None:
        self._account = account
        self._kinds = kinds
        self._more = {"Account": account.id, "Region": account.region, **more}
        self._now = now
        self._opened: set[str] = set()

    def held(self, item: Item) -> Removal:
        return self._said(item, "refused", "keys go last, and something else is left or could not be read")

    def removed(self, item: Item) -> Removal:
        if item.claim.dispute:
            return self._said(item, "refused", item.claim.dispute)
        try:
            if item.kind in bucket_contents.KINDS:
                return self._emptied(item)
            kind = self._kinds.get(item.kind)
            if kind is None or not kind.removal:
                return self._said(item, "refused", "no removal is known for it: remove it by hand")
            return self._by_steps(item, kind)
        except Absent:
            return self._said(item, "gone", "")
        except Unread as refusal:
            return self._said(item, "failed", str(refusal))

    def _emptied(self, item: Item) -> Removal:
        self._open(item)
        count = bucket_contents.remove(self._account, item.id, item.kind)
        return self._said(item, "removed" if count else "gone", "", count)

    def _open(self, bucket: Item) -> None:
        """Take the bucket's policy away: it lets nobody delete versions."""
        if bucket.id in self._opened:
            return
        for step in self._kinds[BUCKET].removal[:1]:
            try:
                self._account.change("s3", step.operation, **filled(step.request, bucket.fields))
            except Absent:
                return
        self._opened.add(bucket.id)

    def _by_steps(self, item: Item, kind: Kind) -> Removal:
        fields = {**item.fields, **self._more}
        ended = False
        for step in kind.removal:
            if not step.when(fields):
                continue
            answer = self._account.change(kind.service, step.operation, **filled(step.request, fields))
            _check(kind, step.operation, answer)
            ended = ended or step.ends
            if item.kind == KEY and answer.get("KeyState", PENDING) == PENDING:
                return self._said(item, "scheduled", f"AWS deletes the key at {_iso(answer.get('DeletionDate'))}")
        return self._said(item, "removed", "") if ended else self._said(item, "asked", "it must end before it can go")

    def _said(self, item: Item, outcome: Outcome, detail: str, count: int | None = None) -> Removal:
        return stamp(item, outcome, detail, self._now(), count)


def stamp(item: Item, outcome: Outcome, detail: str, now: datetime, count: int | None = None) -> Removal:
    """What became of a thing.

    Args:
        item: The thing.
        outcome: What became of it.
        detail: Until when, or why.
        now: When.
        count: How many were removed; as many as the inventory had, where it is not said.
    """
    return Removal(
        kind=item.kind,
        id=item.id,
        arn=item.arn,
        claimed_by=item.claim.by,
        count=item.count if count is None else count,
        outcome=outcome,
        detail=detail,
        at=_iso(now),
    )


def _check(kind: Kind, operation: str, answer: Any) -> None:
    """Some services answer a refusal as success with a list of what they did not do."""
    for refusal in _refusals(answer):
        raise Unread(kind.service, operation, str(refusal.get("failureCode", "NotDone")), str(refusal))


def _refusals(answer: Any) -> Iterator[dict[str, Any]]:
    yield from answer.get("failures") or ()
    yield from answer.get("Unsuccessful") or ()


def _iso(moment: object) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if isinstance(moment, datetime) else str(moment)
