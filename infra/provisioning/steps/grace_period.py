"""The step of an erasure that waits: until its end the erasure can be withdrawn, and the tenant is suspended again.

It does not sleep. It says how long to wait, and the job is taken up again then, whatever was restarted meanwhile.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.erasure.removal import Now, utc_now
from infra.jobs.processes.call import StepCall
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.erasing import Erasing

#: What the journal remembers of its begin.
_MARK = "grace period"


def run(call: StepCall) -> Result:
    """Wait for the end of the grace period, which begins when this step first runs.

    Args:
        call: ``grace_seconds`` of its arguments: how long, in seconds.

    Returns:
        ``again_after``: how many seconds are left; or, at the end, ``ended``: when that was.
    """
    return run_step(wait, call)


def wait(work: Work, call: StepCall, *, now: Now = utc_now) -> Result:
    """How long is left.

    Args:
        work: The database.
        call: As for `run`.
        now: The clock.
    """
    journal = Erasing(work, call).journal
    begun = datetime.fromisoformat(journal.mark(f"{_MARK} of {call.operation}").at)
    ends = begun + timedelta(seconds=float(call.arguments["grace_seconds"]))
    left = (ends - now()).total_seconds()
    return {"again_after": left} if left > 0 else {"ended": ends.isoformat()}
