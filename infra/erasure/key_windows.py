"""Keeps keys that a stack's own destroy has scheduled to the window that the erasure asks for.

Sources: AWS KMS API Reference, "ScheduleKeyDeletion", "CancelKeyDeletion" (the key stays disabled).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.erasure.account import ErasableAccount
from infra.erasure.inventory import Inventory, Item
from infra.erasure.kinds.identity import KEY, PENDING
from infra.erasure.removal import Now, Removal, stamp, utc_now
from infra.live.account import Unread


def reschedule(
    account: ErasableAccount, inventory: Inventory, window_days: int, *, now: Now = utc_now
) -> tuple[Removal, ...]:
    """Bring forward the deletion of keys that would wait longer than asked for.

    A run that dies between the two calls leaves a disabled key that is not scheduled, which the next inventory has as
    left.

    Args:
        account: The account.
        inventory: What there is; taken a moment ago.
        window_days: How many days a key waits at most, 7 to 30.
        now: The clock.
    """
    late = now() + timedelta(days=window_days)
    return tuple(
        _sooner(account, item, window_days, now)
        for item in inventory.items
        if item.kind == KEY and not item.claim.dispute and _deleted_after(item, late)
    )


def _deleted_after(item: Item, moment: datetime) -> bool:
    date = item.fields.get("DeletionDate")
    return item.fields.get("KeyState") == PENDING and isinstance(date, datetime) and date > moment


def _sooner(account: ErasableAccount, item: Item, window_days: int, now: Now) -> Removal:
    try:
        account.change("kms", "cancel_key_deletion", KeyId=item.id)
        answer = account.change("kms", "schedule_key_deletion", KeyId=item.id, PendingWindowInDays=window_days)
    except Unread as refusal:
        return stamp(item, "failed", str(refusal), now())
    return stamp(item, "scheduled", f"AWS deletes the key at {answer['DeletionDate'].isoformat()}", now())
