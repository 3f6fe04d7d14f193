"""Whether a tenant's change may be applied, and whether a tenant may be used: by the proof over all stacks together.

What is wrong already and has nothing to do with the tenant stops nobody else: it is told. Policies of what is new hold
ids that AWS has still to choose, of which nothing can be proven before; that reason alone is accepted of a plan, and
the deployed state is proven before the tenant is used. See docs/adr/0023-proof-before-and-after.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.engine import StackRef
from infra.operations.estate_files import Given, of_backend
from infra.operations.exports import exports
from infra.operations.in_the_making import in_the_making
from infra.operations.projects import tenant_stack
from infra.operations.proving import Estate, promised_controls, prove_estate
from infra.operations.workspace import Workspace
from infra.promises.sharing import declared_sharing
from infra.proof.facts.kinds import InputKind
from infra.proof.report import Finding, NotModelledType, Report, UnknownFact, Verdict

_MOST_SHOWN = 3
_ANY_STACK = "urn:pulumi:"
#: What a finding is known by in two reports.
_Key = tuple[str | None, ...]
_Found = Finding | UnknownFact | NotModelledType


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a proof says of one tenant's change.

    Args:
        leak: The witness of a leak that the change would make, or that the tenant has; empty where there is none.
        unknown: What cannot be known, although nothing has still to be chosen for it; empty where there is nothing.
        open: How many facts wait for ids that AWS has still to choose.
        notes: What is wrong elsewhere, for people.
    """

    leak: str = ""
    unknown: str = ""
    open: int = 0
    notes: tuple[str, ...] = ()


def judge_plan(workspace: Workspace, tenant: str, events: bytes) -> Judgement:
    """Judge the state in which a tenant's change would leave all stacks.

    Args:
        workspace: The specs as they are to be, and the stacks' state.
        tenant: Whose change it is.
        events: The engine's events of its preview.

    Raises:
        Unreadable: an export or the preview is not what it should be.
    """
    return judge_stack_plan(workspace, tenant_stack(tenant), events)


def judge_stack_plan(workspace: Workspace, ref: StackRef, events: bytes) -> Judgement:
    """Judge the state in which a change of one stack, a tenant's or the platform's, would leave all of them.

    Args:
        workspace: The specs as they are to be, and the stacks' state.
        ref: The stack.
        events: The engine's events of its preview.

    Raises:
        Unreadable: an export or the preview is not what it should be.
    """
    deployed = _deployed(workspace, ref)
    name = str(ref)
    planned = [*deployed, Given(name=name, kind=InputKind.PREVIEW, content=events, stack=name)]
    report = _proof(workspace, planned)
    if report.verdict is Verdict.PROVED:
        return Judgement()
    found = [*report.findings, *_open(report)]
    if all(one.stack != name for one in deployed) and all(_is_new_with(each, ref) for each in found):
        return _judged(ref, found, old=0, waits=True)  # nothing of a stack that is not there can be known before
    before = _proof(workspace, deployed)
    known = {_key(each) for each in (*before.findings, *_open(before))}
    caused = [each for each in found if _key(each) not in known]
    return _judged(ref, caused, old=len(known), waits=True)


def judge_deployed(workspace: Workspace, tenant: str) -> Judgement:
    """Judge a tenant as it is deployed beside all others.

    Raises:
        Unreadable: an export is not what it should be.
    """
    ref = tenant_stack(tenant)
    report = _proof(workspace, _deployed(workspace, ref))
    if report.verdict is Verdict.PROVED:
        return Judgement()
    found = [*report.findings, *_open(report)]
    own = [each for each in found if _is_of(each, ref)]
    return _judged(ref, own, old=len(found) - len(own), waits=False)


def witness(report: Report) -> str:
    """What a proof finds wrong, or cannot know, in a few sentences: the leaks first; empty where it holds."""
    leaks = [each for each in report.findings if each.verdict is Verdict.LEAK]
    return _told([*leaks, *(each for each in report.findings if each not in leaks), *_open(report)])


def _deployed(workspace: Workspace, ref: StackRef) -> list[Given]:
    """What is deployed, without other tenants that are being made: their own proof comes after, and is beside this one.

    Who is made is asked before the state is read, so that of two tenants the one that is ready later sees the other.
    """
    others = {tenant_stack(name) for name in in_the_making(workspace)} - {ref}
    return of_backend(one for one in exports(workspace.settings) if one.ref not in others)


def _proof(workspace: Workspace, given: list[Given]) -> Report:
    specs = workspace.estate
    estate = Estate(
        given=tuple(given),
        sharing=declared_sharing(specs.platform),
        controls=promised_controls(specs, given),
    )
    return prove_estate(estate, cache=_cache(workspace))


def _cache(workspace: Workspace) -> Path:
    return workspace.settings.home / "proof-cache"


def _judged(ref: StackRef, found: list[_Found], *, old: int, waits: bool) -> Judgement:
    """The judgement of what a change has caused.

    Args:
        ref: The stack that is changed.
        found: What it has caused.
        old: How much is wrong or unknown without it.
        waits: Whether ids may be unknown still.
    """
    leaks = [each for each in found if isinstance(each, Finding) and each.verdict is Verdict.LEAK]
    rest = [each for each in found if each not in leaks]
    chosen_later = sum(1 for each in rest if isinstance(each, UnknownFact) and _is_of(each, ref)) if waits else 0
    unknown = [each for each in rest if not (chosen_later and _is_of(each, ref))]
    notes = (f"{old} findings of the proof are not of this change: see bulkhead prove",) if old else ()
    return Judgement(leak=_told(leaks), unknown=_told(unknown), open=chosen_later, notes=notes)


def _open(report: Report) -> Iterator[UnknownFact | NotModelledType]:
    yield from (each for each in report.unknown if each.matters)
    yield from (each for each in report.not_modelled if each.could_matter)


def _key(one: _Found) -> _Key:
    match one:
        case Finding():
            return (one.verdict, one.claim, one.from_, one.to, one.principal, one.action, one.resource)
        case UnknownFact():
            return (one.urn, one.property)
        case NotModelledType():
            return (one.type, *one.urns)


def _is_of(one: _Found, ref: StackRef) -> bool:
    """Whether something is a stack's owner's to mend: it reaches what is the tenant's, or rests on what its stack made.

    A neighbour whose policy lets the tenant in is the neighbour's. What is of no stack is everybody's.
    """
    stack = _urns_of(ref)
    match one:
        case Finding():
            own = any((each.urn or each.policy).startswith(stack) for each in one.statements)
            return own or one.to in (ref.stack, None)
        case UnknownFact():
            return one.urn.startswith(stack) or not one.urn.startswith(_ANY_STACK)
        case NotModelledType():
            return any(urn.startswith(stack) for urn in one.urns)


def _is_new_with(one: _Found, ref: StackRef) -> bool:
    """Whether something cannot have been so before a stack was there: it is of that stack, or of the tenant of its."""
    match one:
        case Finding():
            return ref.stack in (one.from_, one.to)
        case UnknownFact():
            return one.urn.startswith(_urns_of(ref))
        case NotModelledType():
            return bool(one.urns) and all(urn.startswith(_urns_of(ref)) for urn in one.urns)


def _urns_of(ref: StackRef) -> str:
    """How the URNs of a stack begin."""
    return f"{_ANY_STACK}{ref.stack}::{ref.project.name}::"


def _told(found: Sequence[_Found]) -> str:
    """A few of them, in sentences."""
    more = f"; and {len(found) - _MOST_SHOWN} more" if len(found) > _MOST_SHOWN else ""
    return "; ".join(map(_sentence, found[:_MOST_SHOWN])) + more


def _sentence(one: _Found) -> str:
    match one:
        case Finding(principal=str() as who, action=str() as action, resource=str() as resource):
            through = "".join(f", as {step.becomes}" for step in one.chain)
            allowed = ", ".join(f"{each.policy} ({each.statement})" for each in one.statements)
            return f"{who}{through} may {action} on {resource} of {one.to}" + (f", by {allowed}" if allowed else "")
        case Finding():
            return one.reason
        case UnknownFact():
            return f"{one.urn}, {one.property}: {one.why}"
        case NotModelledType():
            return f"{one.type} is not known to the proof: {one.why}"
