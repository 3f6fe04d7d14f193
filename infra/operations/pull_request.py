"""What a change does to the stacks that it touches: previewed side by side, priced, and made into a review."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from infra.changes import Repository, Touched, TouchedStack, touched
from infra.engine import Operation, StackRef, StackResult
from infra.fleet.versions import VERSION_OUTPUT
from infra.operations import preflight
from infra.operations.exports import exports
from infra.operations.planned_proof import proven
from infra.operations.policy_findings import findings
from infra.operations.projects import PLATFORM_STACK, stack_ref
from infra.operations.proving import Progress
from infra.operations.run import MODELS_CONFIG, OnEvent
from infra.operations.workspace import Workspace
from infra.proof.facts import Record, Unreadable, read_deployment, read_preview
from infra.review.cost import compared
from infra.review.model import Isolation, PolicyFinding, Review, StackReview
from infra.review.plan import everything_deleted, planned_changes
from infra.review.quotas import quota_use
from infra.settings import ROOT

NO_MODELS = "its models are left out of this preview: their artifacts are not uploaded yet"
_NO_PLATFORM = "the platform is not deployed yet, whose outputs it needs"


@dataclass(frozen=True, kw_only=True)
class StackState:
    """A stack as it is deployed and as it is planned.

    Args:
        ref: The stack.
        export: What `pulumi stack export` prints of it; None where it is not deployed.
        events: The engine's events of its preview; None where it was not previewed, or that failed.
    """

    ref: StackRef
    export: bytes | None
    events: bytes | None

    @property
    def resources(self) -> list[Mapping[str, Any]]:
        """The resources of its export, as they are written there."""
        if self.export is None:
            return []
        return cast("list[Mapping[str, Any]]", json.loads(self.export)["deployment"].get("resources") or [])

    @property
    def deployed(self) -> tuple[Record, ...]:
        """The resources as they are."""
        return () if self.export is None else read_deployment(self.export, str(self.ref))

    @property
    def planned(self) -> tuple[Record, ...]:
        """The resources as they would be."""
        if self.events is None:
            return self.deployed
        return read_preview(self.events, f"the preview of {self.ref}", deployed=self.deployed)


def review_changes(
    workspace: Workspace,
    ref: str,
    *,
    cache: Path | None = None,
    on_event: OnEvent | None = None,
    progress: Progress = lambda _: None,
) -> Review:
    """Find the stacks that a change touches, preview them, and say what the change does.

    Args:
        workspace: The specs, cloud and engine.
        ref: What the change is compared with: a branch, tag or commit, from where it was forked off.
        cache: The file that keeps what was proven, for the next run.
        on_event: Is told of the previews' progress.
        progress: Is told how far the proof is.

    Raises:
        UserError: nothing was previewed; says what to mend.
    """
    deployed = _deployed(workspace)
    settings = workspace.settings
    change = touched(Repository(ROOT), ref, workspace.estate, deployed, root=ROOT, specs=settings.specs)
    runs = _previewed(workspace, change, deployed, on_event)
    states = _states(workspace, deployed, runs)
    stacks = tuple(_reviewed(workspace, each, states, runs) for each in change.stacks)
    isolation, why_not = _proven(workspace, change, states, cache, progress)
    return Review(
        ref=ref,
        base=change.base,
        head=change.head,
        stacks=stacks,
        idle=change.idle,
        isolation=isolation,
        isolation_error=why_not,
        quotas=quota_use(change.before, workspace.estate, [each.stack for each in change.stacks]),
        policy=_findings(workspace, states, runs),
        prices=compared((), (), region=workspace.estate.platform.region).notes,
        notes=tuple(_outputs_that_change(workspace, runs)),
    )


@dataclass(frozen=True, kw_only=True)
class _Run:
    """A preview, with the events that it left and what is left out of it."""

    result: StackResult
    events: bytes
    note: str = ""


def _deployed(workspace: Workspace) -> frozenset[str]:
    platform = [PLATFORM_STACK.stack] if workspace.platform_deployed() else []
    return frozenset([*platform, *workspace.deployed_tenants()])


def _previewed(
    workspace: Workspace, change: Touched, deployed: Collection[str], on_event: OnEvent | None
) -> Mapping[str, _Run]:
    """The previews of the stacks that a change touches, by name."""
    wanted = [each.stack for each in change.stacks if each.fate != "deleted"]
    if PLATFORM_STACK.stack not in deployed:
        wanted = [name for name in wanted if name == PLATFORM_STACK.stack]
    bare = {name for name in wanted if name not in deployed and preflight.lacks_artifacts(workspace, name)}
    found: dict[str, _Run] = {}
    with tempfile.TemporaryDirectory(prefix="bulkhead-events-") as temporary:
        for names, config, note in (
            ([name for name in wanted if name not in bare], {}, ""),
            (sorted(bare), {MODELS_CONFIG: "false"}, NO_MODELS),
        ):
            files = {stack_ref(name): Path(temporary) / f"{name}.jsonl" for name in names}
            results = workspace.engine.run_many(
                list(files),
                Operation.PREVIEW,
                parallel=workspace.settings.parallel,
                config=config,
                on_event=on_event,
                events=files,
            )
            for result in results:
                file = files[result.ref]
                events = file.read_bytes() if file.exists() else b""
                found[result.ref.stack] = _Run(result=result, events=events, note=note)
    return found


def _states(workspace: Workspace, deployed: Collection[str], runs: Mapping[str, _Run]) -> list[StackState]:
    """Every stack that there is or would be: the proof is of all of them together."""
    there = {one.ref.stack: one.content for one in exports(workspace.settings)} if deployed else {}
    planned = {name: run.events for name, run in runs.items() if run.result.outcome == "succeeded"}
    names = sorted({*there, *planned}, key=lambda name: (name != PLATFORM_STACK.stack, name))
    return [StackState(ref=stack_ref(name), export=there.get(name), events=planned.get(name)) for name in names]


def _proven(
    workspace: Workspace, change: Touched, states: Sequence[StackState], cache: Path | None, progress: Progress
) -> tuple[Isolation | None, str]:
    """The proof of all stacks as they would be; where there can be none, why."""
    if not change.stacks or not states:
        return None, ""
    try:
        isolation = proven(
            [(state.ref, state.export, state.events) for state in states],
            before=change.before,
            after=workspace.estate,
            cache=cache,
            progress=progress,
        )
    except Unreadable as error:
        return None, str(error)
    return isolation, ""


def _findings(
    workspace: Workspace, states: Sequence[StackState], runs: Mapping[str, _Run]
) -> tuple[PolicyFinding, ...]:
    """What the policy pack finds in the stacks that were previewed."""
    platform = next((state for state in states if state.ref == PLATFORM_STACK), None)
    resources = platform.resources if platform else []
    shared_vpcs = [str(each["id"]) for each in resources if each["type"] == "aws:ec2/vpc:Vpc" and each.get("id")]
    return tuple(
        found
        for state in states
        if state.ref.stack in runs and state.events is not None
        for found in findings(
            state.ref.stack,
            workspace.estate,
            events=state.events,
            deployed=state.resources,
            # To the platform its own VPCs are not somebody else's.
            shared_vpcs=() if state is platform else shared_vpcs,
        )
    )


def _reviewed(
    workspace: Workspace, stack: TouchedStack, states: Sequence[StackState], runs: Mapping[str, _Run]
) -> StackReview:
    state = next((each for each in states if each.ref.stack == stack.stack), None)
    tenant = workspace.estate.tenants.get(stack.stack)
    region = workspace.estate.platform.region
    make = _partial(stack, tenant.display_name if tenant else "")
    if stack.fate == "deleted" and state is not None:
        costs = compared(state.deployed, (), region=region)
        return make(
            outcome="succeeded",
            resources=everything_deleted(state.resources),
            before_usd=costs.before,
            after_usd=costs.after,
            costs=costs.changes,
            notes=_protection(state.resources),
        )
    run = runs.get(stack.stack)
    if run is None:
        return make(outcome="skipped", error=_NO_PLATFORM)
    resources, unchanged = planned_changes(run.events)
    if run.result.outcome != "succeeded":
        error = str(run.result.error or "it was interrupted")
        return make(outcome=run.result.outcome, error=error, resources=resources, unchanged=unchanged)
    costs = compared(state.deployed if state else (), state.planned if state else (), region=region)
    return make(
        outcome="succeeded",
        resources=resources,
        unchanged=unchanged,
        before_usd=costs.before,
        after_usd=costs.after,
        costs=costs.changes,
        warnings=tuple(dict.fromkeys(one.message for one in run.result.diagnostics if one.severity == "warning")),
        notes=(run.note,) if run.note else (),
    )


def _partial(stack: TouchedStack, title: str) -> Callable[..., StackReview]:
    def make(**fields: Any) -> StackReview:
        return StackReview(stack=stack.stack, title=title, fate=stack.fate, reasons=stack.reasons, **fields)

    return make


def _protection(resources: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    count = sum(1 for each in resources if each.get("protect"))
    return (f"{count} of them are protected from deletion as deployed",) if count else ()


def _outputs_that_change(workspace: Workspace, runs: Mapping[str, _Run]) -> list[str]:
    """What tenants read from the platform's stack and would be another: their previews have it as it is."""
    run = runs.get(PLATFORM_STACK.stack)
    if run is None or run.result.outcome != "succeeded" or not workspace.platform_deployed():
        return []
    before, after = workspace.engine.outputs(PLATFORM_STACK), run.result.outputs
    read = {*before, *after} - {VERSION_OUTPUT}
    differing = sorted(name for name in read if before.get(name) != after.get(name))
    if not differing:
        return []
    return [
        f"the platform's outputs {', '.join(differing)} change, which tenants read: the previews of tenants are made "
        "with those that are deployed, and are to be repeated after: bulkhead up platform"
    ]
