"""The step of an erasure that removes: what work left, the stack, what is left after it, its state, keys last.

The order: contents first, for nothing can be deleted that holds something; then the engine destroys the stack, which
knows what depends on what; then whatever is still the tenant's, in the order of the table of kinds; then what the
backend keeps of the stack. Cut off anywhere it goes on: it begins with what is there, and the journal has what was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from infra.engine import StackEvent
from infra.erasure import bucket_contents, key_windows, removal
from infra.erasure.inventory import Inventory, Item
from infra.erasure.kinds import machine_learning, observability, storage
from infra.erasure.removal import Removal
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import RETRIED, FailureClass
from infra.operations.erasing import destroy_for_erasure, forget_runs, in_stack
from infra.provisioning.aws_failures import failure_of
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.erasing import Erasing

#: What comes from work in the tenant's resources, and may be removed before them.
_FROM_WORK = frozenset(
    {*bucket_contents.KINDS} | {kind.name for kind in (*machine_learning.WORK, *observability.TABLE, *storage.TABLE)}
)
#: AWS's code in what is said of a removal that failed: ``ec2 DeleteVpc: DependencyViolation: ...``.
_CODE = re.compile(r"[\w-]+ \w+: ([\w.]+):")
#: How often it looks again: what one round lets go of (a bucket's policy, a job) the next can see and remove.
_ROUNDS = 4


def run(call: StepCall) -> Result:
    """Remove everything that is the tenant's.

    Args:
        call: ``window_days`` of its arguments: how many days keys wait for their deletion, 7 to 30.

    Returns:
        ``removed``: how many removals there were, over all runs.

    Raises:
        StepFailed: Something could not be removed, or must end by itself first.
    """
    return run_step(_remove, call)


def _remove(work: Work, call: StepCall) -> Result:
    erasing = Erasing(work, call)
    window = int(call.arguments["window_days"])
    found = erasing.take()
    erasing.journal.begin(found, erasing.take_state())
    progress = _Progress(call, len(found.left))
    engine_removes = in_stack(work.workspace, erasing.tenant)
    first = tuple(item for item in found.left if _goes_first(item, engine_removes))
    _round(erasing, Inventory(first, found.not_read), window, progress)
    result = destroy_for_erasure(work.workspace, erasing.tenant, on_event=progress.heard)
    if result is not None and result.outcome != "succeeded":
        raise result.error or StepFailed(
            FailureClass.TRANSIENT, f"the destroy of {erasing.tenant} was interrupted", "nothing: it is tried again"
        )
    _what_is_left(erasing, window, progress)
    erasing.remove_state()
    forget_runs(work.workspace, erasing.tenant)
    return {"removed": len(erasing.journal.removed(()))}


def _goes_first(item: Item, engine_removes: frozenset[str]) -> bool:
    """What a bucket holds is known by the bucket's name, which the engine knows too."""
    if item.kind in bucket_contents.KINDS:
        return True
    return item.kind in _FROM_WORK and not {item.id, item.arn} & engine_removes


def _what_is_left(erasing: Erasing, window: int, progress: _Progress) -> None:
    """Round after round, until nothing is left or a round gets nowhere."""
    told: tuple[Removal, ...] = ()
    for _ in range(_ROUNDS):
        found = erasing.take()
        erasing.journal.begin(found)
        for one in key_windows.reschedule(erasing.account, found, window):
            erasing.journal.done(one)
        if found.empty:
            return
        told = _round(erasing, found, window, progress)
        if all(one.outcome in ("asked", "refused", "failed") for one in told):
            break
    _require_no_waiting(erasing, told)
    erasing.require_empty(erasing.take())


def _round(erasing: Erasing, found: Inventory, window: int, progress: _Progress) -> tuple[Removal, ...]:
    def done(one: Removal) -> None:
        erasing.journal.done(one)
        progress.step()

    return removal.remove(erasing.account, found, kinds=erasing.kinds, window_days=window, done=done)


def _require_no_waiting(erasing: Erasing, told: tuple[Removal, ...]) -> None:
    """What was asked to end is looked for again later; what AWS refused is told with AWS's words."""
    if failed := [one for one in told if one.outcome == "failed"]:
        raise _not_removed(erasing.tenant, failed)
    if asked := [f"{one.kind} {one.id}" for one in told if one.outcome == "asked"]:
        raise StepFailed(
            FailureClass.CONFLICT, f"{', '.join(asked)} must end first", "nothing: it is tried again when they ended"
        )


def _not_removed(tenant: str, failed: Sequence[Removal]) -> StepFailed:
    """What AWS said of the first decides: throttling and what hangs on something else pass by themselves."""
    first = failed[0]
    code = _CODE.match(first.detail)
    found = failure_of(code[1] if code else "", first.detail)
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    message = f"not to be removed of {tenant}: {first.kind} {first.id}: {first.detail}{more}"
    if found.failure_class in RETRIED:
        return StepFailed(found.failure_class, message, found.remedy)
    by_hand = "an operator must look: mend what AWS names, or remove it by hand, then ask for the erasure again"
    return StepFailed(FailureClass.INTERNAL, message, by_hand)


class _Progress:
    """Counts what was removed, by us and by the engine."""

    def __init__(self, call: StepCall, total: int) -> None:
        self._call = call
        self._total = total
        self._done = 0

    def step(self) -> None:
        self._done += 1
        self._call.progress(min(self._done, self._total), max(self._total, 1))

    def heard(self, event: StackEvent) -> None:
        if event.kind == "resource" and event.phase == "done":
            self.step()
