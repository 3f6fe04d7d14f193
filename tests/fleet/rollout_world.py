"""A fleet in a file, a rollout over it, and a death at a chosen moment: in a process of its own, by SIGKILL.

``python -m tests.fleet.rollout_world FOLDER MOMENT`` goes on with the rollout of a folder, and kills itself at a moment
such as ``upgrade before``: the first time that an action of that kind is about to do something, or has just done it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.fleet import Answered, Await, Done, Finished, Journal, Planned, Policy, Wave, carry_out, plan_rollout
from tests.fleet.fleets import NEW, OLD, tenant

#: The first tenant of a share whose checks fail after its upgrade, and one whose preview fails.
SICK, REFUSED = "t003", "t004"
NAMES = [f"t{number:03}" for number in range(6)]


class FileWorld:
    """What every tenant runs, in a file; the actions of a rollout over it.

    Args:
        folder: Holds the file.
        moment: Is told of each moment, before and after a tenant is touched.
    """

    def __init__(self, folder: Path, moment: Callable[[str], None] = lambda _: None) -> None:
        self._file = folder / "world.json"
        self._moment = moment

    @property
    def versions(self) -> dict[str, str]:
        """What every tenant runs."""
        return json.loads(self._file.read_text()) if self._file.exists() else dict.fromkeys(NAMES, OLD)

    def check(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """The preview of one tenant fails."""
        self._moment("check before")
        del to
        found = {one.tenant: Done(outcome="failed" if one.tenant == REFUSED else "passed") for one in tenants}
        self._moment("check after")
        return found

    def upgrade(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Works."""
        return {one.tenant: self._set("upgrade", one.tenant, to) for one in tenants}

    def verify(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """One tenant is not well with the new version."""
        self._moment("verify before")
        found = {one.tenant: self._verified(one.tenant, to) for one in tenants}
        self._moment("verify after")
        return found

    def roll_back(self, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Works."""
        return {one.tenant: self._set("roll back", one.tenant, one.former) for one in tenants}

    def _verified(self, name: str, to: str) -> Done:
        well = self.versions[name] == to and (name, to) != (SICK, NEW)
        return Done(outcome="passed" if well else "failed", detail="" if well else "it does not answer")

    def _set(self, kind: str, name: str, version: str) -> Done:
        self._moment(f"{kind} before")
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps({**self.versions, name: version}))
        new.replace(self._file)
        self._moment(f"{kind} after")
        return Done(outcome="passed")


def go_on(folder: Path, moment: Callable[[str], None] = lambda _: None) -> Finished | Await:
    """Begin the rollout of a folder, or go on with it."""
    file = folder / "rollout.jsonl"
    policy = Policy(canaries=("t000",), shares=(50,), tolerated=2, approval="after the first")
    plan = None if file.exists() else plan_rollout([tenant(name) for name in NAMES], NEW, policy)
    with Journal(file, plan) as journal:
        return carry_out(journal, FileWorld(folder, moment), at_once=2, approve=_yes)


def _yes(number: int, wave: Wave) -> Answered:
    del wave
    return Answered(wave=number, granted=True, by="anna")


def main() -> None:
    """Go on, and die."""
    folder, deadly = Path(sys.argv[1]), sys.argv[2]

    def moment(name: str) -> None:
        if name == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    go_on(folder, moment)


if __name__ == "__main__":
    main()
