"""Who is killed in which step of an operation on the real engine, and how it is done.

Where the engine runs, it is struck in its middle, with the embedded cloud standing still: what the engine has asked for
is done, and nobody hears of it. Any other step is struck when it has done everything, before it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from tests.acceptance.killing import kill
from tests.faults.real_bench import RealBench
from tests.faults.real_steps import BEFORE, MADE
from tests.faults.tenant_life import Act, Place, Runs


class Victim(StrEnum):
    """Who is killed; the provider is in the process of the program, which starts the engine."""

    WORKER = "worker"
    ENGINE = "engine"
    PROVIDER = "provider"
    STEP = "step"
    CLOUD = "cloud"


#: By operation and step: who is killed in it, one after the other.
Struck = Mapping[tuple[str, str], Sequence[Victim]]


def victims_of(place: Place) -> tuple[Victim, ...]:
    """Who can be killed in a step, besides the cloud."""
    if place.runs is Runs.NOTHING:
        return (Victim.WORKER, Victim.STEP)
    return (Victim.WORKER, Victim.ENGINE, Victim.PROVIDER)


class Strikes:
    """The deaths in one operation; made before it is asked for.

    Args:
        bench: The worker, the engine and the cloud.
        act: The operation.
        struck: Who is killed.
    """

    def __init__(self, bench: RealBench, act: Act, struck: Struck) -> None:
        self._bench = bench
        self._act = act
        self._due = [(place, victim) for place in act.places for victim in struck.get((act.name, place.step), ())]
        for place, victim in self._due:
            if victim is Victim.STEP:
                bench.points.die(act.name, place.step, MADE)
        self._let_go = self._hold()

    def strike(self) -> None:
        """Kill everybody, each when the operation is there."""
        while self._due:
            place, victim = self._due.pop(0)
            if victim is Victim.STEP:
                continue  # it kills itself
            if place.runs is Runs.NOTHING:
                self._strike_held(place, victim)
            else:
                self._strike_run(place, victim)
        self._let_go()

    def _strike_run(self, place: Place, victim: Victim) -> None:
        with self._bench.in_the_middle(self._act, place) as engine:
            match victim:
                case Victim.ENGINE:
                    kill([engine])
                case Victim.PROVIDER:
                    parent = engine.parent()
                    assert parent is not None
                    kill([parent])
                case _:
                    self._kill(victim)
        if victim is Victim.WORKER:
            self._bench.start_worker()

    def _strike_held(self, place: Place, victim: Victim) -> None:
        self._bench.reached([(self._act.name, place.step, _moment(victim))])
        self._kill(victim)
        self._let_go()
        self._let_go = self._hold()
        if victim is Victim.WORKER:
            self._bench.start_worker()

    def _kill(self, victim: Victim) -> None:
        if victim is Victim.CLOUD:
            self._bench.kill_cloud()
        else:
            assert self._bench.worker is not None
            self._bench.kill(self._bench.worker)

    def _hold(self) -> Callable[[], None]:
        let_go = self._bench.points.close()
        for place, victim in self._due:
            if place.runs is Runs.NOTHING and victim is not Victim.STEP:
                self._bench.points.hold(self._act.name, place.step, _moment(victim))
        return let_go


def _moment(victim: Victim) -> str:
    """A step whose cloud is killed after it has done everything would not be harmed."""
    return BEFORE if victim is Victim.CLOUD else MADE
