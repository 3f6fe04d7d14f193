"""Writes `docs/lifecycle.md`: ``python -m infra.lifecycle.documentation`` in the checkout."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from infra.lifecycle.failures import CLASS_MEANINGS, RETRIED, FailureClass
from infra.lifecycle.states import ALL_KINDS, CHANGES, MEANINGS, OperationKind, State
from infra.lifecycle.steps import STARTS, STARTS_AFTER_FAILURE, STEPS, STEPS_WHILE_SUSPENDED, Step
from infra.lifecycle.transitions import TRANSITIONS, Transition

FILE = Path("docs/lifecycle.md")

_HEADING = """\
# A tenant's lifecycle

<!-- Written by `python -m infra.lifecycle.documentation` from the tables of `infra/lifecycle`; do not edit. -->

A tenant is in one state at any time. An *operation* (one at a time for each tenant) runs *steps*; the beginning or end
of some of them is an *event*, which moves the tenant to its next state and is told outside. The state, the operation
and the event are written in one transaction.
"""

_FAILURES = """
## Failures

A failure names the kind of operation, the step, its class and the remedy. An operation that fails before it has changed
anything leaves an active or suspended tenant as it is: only the operation has failed.
"""

_CANCELLING = """
## Cancelling

A change that is cancelled (or fails and is rolled back) leaves the tenant active or suspended, as before. An onboarding
that has made nothing is withdrawn; one that may have made something leaves a failed tenant, to be onboarded again or
erased, never one that looks erased. An erasure can be taken back until it removes something, and leaves the tenant
suspended; that of a failed tenant can only go on.
"""


def render() -> str:
    """The text of the document, from the tables."""
    parts = [_HEADING, _diagram(), "\n## States\n\n", _states(), "\n## Transitions\n\n", _transitions()]
    parts += [
        "\n## Operations\n\n",
        _operations(),
        "\n### Steps\n\n",
        _steps(),
        _CANCELLING,
        _FAILURES,
        "\n",
        _classes(),
    ]
    return "".join(parts)


def _diagram() -> str:
    """The diagram in Mermaid's notation, one arrow for all events that lead from one state to another."""
    lines = ["    [*] --> requested: onboarding_requested"]
    ways: dict[tuple[State, State], list[str]] = {}
    for each in TRANSITIONS:
        if each.source is not None:
            ways.setdefault((each.source, each.target), []).append(each.event)
    lines += [f"    {source} --> {target}: {', '.join(events)}" for (source, target), events in ways.items()]
    lines.append("    erased --> [*]")
    return "\n```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"


def _states() -> str:
    return _table(("state", "meaning"), ((f"`{each}`", MEANINGS[each]) for each in State))


def _transitions() -> str:
    return _table(
        ("from", "event", "to", "during"),
        ((_source(each), f"`{each.event}`", f"`{each.target}`", _kinds(each.during)) for each in TRANSITIONS),
    )


def _source(transition: Transition) -> str:
    if transition.source is None:
        return "(new)"
    after = f" of {_kinds(transition.failed_in)}" if transition.source is State.FAILED else ""
    return f"`{transition.source}`{after}"


def _operations() -> str:
    rows = (
        (
            f"`{kind}`",
            ", ".join(f"`{each}`" for each in State if each in STARTS[kind]),
            _kinds(frozenset(failed for failed, after in STARTS_AFTER_FAILURE.items() if kind in after)),
        )
        for kind in OperationKind
    )
    return _table(("operation", "starts from", "starts after a failure of"), rows)


def _steps() -> str:
    plans = [(f"`{kind}`", STEPS[kind]) for kind in OperationKind]
    plans += [(f"`{kind}`, tenant stays suspended", steps) for kind, steps in STEPS_WHILE_SUSPENDED.items()]
    rows = ((name, *_step(each)) for name, steps in plans for each in steps)
    return _table(
        ("operation", "step", "share", "event at its beginning", "event at its end", "can be cancelled"), rows
    )


def _step(step: Step) -> tuple[str, ...]:
    begins, ends = (f"`{event}`" if event else "" for event in (step.begins, step.ends))
    return (step.name, f"{step.percent} %", begins, ends, "yes" if step.cancellable else "no")


def _classes() -> str:
    rows = ((f"`{each}`", CLASS_MEANINGS[each], "yes" if each in RETRIED else "no") for each in FailureClass)
    return _table(("class", "what must change", "tried again by itself"), rows)


def _kinds(kinds: frozenset[OperationKind]) -> str:
    if kinds == ALL_KINDS:
        return "any operation"
    if kinds == CHANGES:
        return "any change"
    if len(kinds) > len(ALL_KINDS) // 2:
        return "any but " + ", ".join(f"`{each}`" for each in OperationKind if each not in kinds)
    return ", ".join(f"`{each}`" for each in OperationKind if each in kinds)


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heading, tuple("---" for _ in heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    FILE.write_text(render())
