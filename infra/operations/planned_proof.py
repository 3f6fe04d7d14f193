"""Proves the planned state of all stacks together, and says who can newly do what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from infra.engine import StackRef
from infra.operations.estate_files import Given
from infra.operations.exports import exports
from infra.operations.proving import Estate, Progress, promised_controls, prove_estate
from infra.operations.workspace import Workspace
from infra.promises.sharing import declared_sharing
from infra.proof.facts.kinds import InputKind
from infra.proof.queries import Access as OneAction
from infra.proof.queries import delta
from infra.proof.report import Report, Verdict
from infra.proof.world import World
from infra.review.model import Access, Isolation
from infra.spec import Estate as Specs

#: How many actions of a right are named.
_MOST_ACTIONS = 6
#: What owns the principals and resources that are no tenant's.
NOBODY = "the platform"


def proven(
    states: Sequence[tuple[StackRef, bytes | None, bytes | None]],
    *,
    before: Specs | None,
    after: Specs,
    cache: Path | None = None,
    progress: Progress = lambda _: None,
) -> Isolation:
    """The proof of what is planned, beside that of what is deployed.

    A stack whose spec was deleted counts as it is deployed: it stays until somebody destroys it.

    Args:
        states: Each stack with its export, None where it is not deployed, and with the events of its preview, None
            where it has none.
        before: The specs as they were; None: what is shared is taken from the specs as they are.
        after: The specs as they are.
        cache: The file that keeps what was proven.
        progress: Is told what is being done.

    Raises:
        Unreadable: an export or preview is not what it should be.
    """
    deployed = tuple(each for ref, export, _ in states for each in inputs_of(ref, export, None))
    planned = tuple(each for state in states for each in inputs_of(*state))
    old = Estate(
        given=deployed,
        sharing=declared_sharing((before or after).platform),
        controls=promised_controls(before or after, deployed),
    )
    new = Estate(given=planned, sharing=declared_sharing(after.platform), controls=promised_controls(after, planned))
    report = prove_estate(new, cache=cache, progress=progress)
    without_new = None
    there = tuple(each for state in states if state[1] is not None for each in inputs_of(*state))
    if report.verdict is Verdict.UNKNOWN and there and len(there) < len(planned):
        known = Estate(given=there, sharing=new.sharing, controls=new.controls)
        without_new = prove_estate(known, cache=cache, progress=progress).verdict
    verdict = prove_estate(old, cache=cache, progress=progress).verdict if deployed else None
    difference = delta(World(old.facts()), World(new.facts()))
    return Isolation(
        report=report,
        before=verdict,
        without_new=without_new,
        gained=_rights(difference.gained),
        dropped=_rights(difference.lost),
    )


def prove_planned(workspace: Workspace, planned: Mapping[str, bytes]) -> Report:
    """Prove all stacks together as several changes would leave them.

    Args:
        workspace: The specs and the stacks' state.
        planned: By stack, the engine's events of the previews; none: all as they are deployed.

    Raises:
        Unreadable: an export or preview is not what it should be.
    """
    deployed = exports(workspace.settings)
    given = tuple(each for one in deployed for each in inputs_of(one.ref, one.content, planned.get(one.ref.stack)))
    specs = workspace.estate
    estate = Estate(given=given, sharing=declared_sharing(specs.platform), controls=promised_controls(specs, given))
    return prove_estate(estate, cache=workspace.settings.home / "proof-cache")


def inputs_of(ref: StackRef, export: bytes | None, events: bytes | None) -> Iterator[Given]:
    """A stack as it is planned: its preview, and its export, which says what stays as it is.

    Args:
        ref: The stack.
        export: Its export; None where it is not deployed.
        events: The events of its preview; None where it has none.
    """
    name = str(ref)
    if export is not None:
        yield Given(name=name, kind=InputKind.EXPORT, content=export, stack=name)
    if events is not None:
        yield Given(name=name, kind=InputKind.PREVIEW, content=events, stack=name)


def _rights(actions: Sequence[OneAction]) -> tuple[Access, ...]:
    """Single actions as rights: one for each principal, resource and level of access."""
    found: dict[tuple[str, str, str, str, str, str], list[str]] = {}
    for one in actions:
        via = " → ".join(one.via) or ", ".join(dict.fromkeys(each.statement for each in one.statements))
        key = one.owner or NOBODY, one.principal, one.level, one.resource_owner or NOBODY, one.resource, via
        found.setdefault(key, []).append(one.action)
    return tuple(
        Access(owner=owner, principal=principal, may=_may(level, names), of=of, resource=resource, via=via)
        for (owner, principal, level, of, resource, via), names in found.items()
    )


def _may(level: str, actions: Sequence[str]) -> str:
    named = sorted(actions)[:_MOST_ACTIONS]
    more = f" and {len(actions) - len(named)} more" if len(actions) > len(named) else ""
    return f"{level}: {', '.join(named)}{more}"
