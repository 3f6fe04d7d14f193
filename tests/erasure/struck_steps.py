"""Runs the steps of an erasure as the worker does, and strikes them down where the test says.

An effect is a change of the account, a line of the journal, a certificate that is kept, or a spec that is removed:
``strike`` of the arguments says after how many of them the process kills itself, as ``kill -9`` does.
"""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Callable
from typing import Any

from infra.erasure.account import ErasableAccount
from infra.gitops import FolderSpecs
from infra.jobs.processes.call import StepCall
from infra.provisioning.erasing import StoredLines
from infra.store import erasures


class _Strike:
    def __init__(self, after: int | None) -> None:
        self._left = after

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **named: Any) -> Any:
            result = call(*arguments, **named)
            self.effect()
            return result

        return counting

    def effect(self) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def run(call: StepCall) -> dict[str, Any]:
    """Run the step of the call's name; ``0`` strikes when it has done all, before its result is known."""
    after = call.arguments.get("strike")
    strike = _Strike(after or None)
    for owner, name in ((ErasableAccount, "change"), (StoredLines, "add"), (FolderSpecs, "write")):
        setattr(owner, name, strike.counted(getattr(owner, name)))
    erasures.keep_certificate = strike.counted(erasures.keep_certificate)
    module = importlib.import_module(f"infra.provisioning.steps.{call.step.replace(' ', '_')}")
    result = module.run(call)
    if after == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
