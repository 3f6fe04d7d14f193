"""(a) What the components, specs and policies cost over a bare program that registers the same resources flat.

Both run by the same engine, workers and provider; the bare program is generated from the state that ours made.
"""

from __future__ import annotations

import statistics

from bench import estate, flat
from bench.land import Land
from bench.ratio import Ratio
from infra.engine import Operation, Project, StackRef
from infra.operations.projects import tenant_stack
from infra.operations.workspace import Workspace

TARGET = 1.15
_TENANT = "tenant000"


def measure(land: Land, *, rounds: int) -> list[Ratio]:
    """Preview and bring up one tenant and its flat twin, in turn, so often; the medians count.

    Args:
        land: Where to measure.
        rounds: How often each is made and destroyed.
    """
    land.settle(estate.write(land.folder / "estate", 1))
    land.bulkhead("up", "platform")
    land.bulkhead("up", _TENANT)
    bare = bare_project(land, _TENANT)
    land.bulkhead("destroy", _TENANT)
    seconds: dict[tuple[str, Operation], list[float]] = {}
    with Workspace(land.settings) as workspace:
        for _ in range(rounds):
            for name, stack in (("ours", tenant_stack(_TENANT)), ("bare", bare)):
                for operation in (Operation.PREVIEW, Operation.UP):
                    seconds.setdefault((name, operation), []).append(_run(workspace, stack, operation))
                _run(workspace, stack, Operation.DESTROY)
                workspace.engine.remove(stack)
    return [
        Ratio(
            what=f"(a) {operation} of one tenant, against the same resources registered flat",
            ours=statistics.median(seconds["ours", operation]),
            theirs=statistics.median(seconds["bare", operation]),
            reading="cost",
            target=TARGET,
        )
        for operation in (Operation.PREVIEW, Operation.UP)
    ]


def bare_project(land: Land, tenant: str) -> StackRef:
    folder = land.folder / "bare"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: bare\nruntime: python\n")
    modules = flat.generate(land.deployment(tenant), folder / "__main__.py")
    project = Project(name="bare", folder=folder, preload=tuple(f"pulumi_aws.{module}" for module in modules))
    return StackRef(project=project, stack="bare")


def _run(workspace: Workspace, stack: StackRef, operation: Operation) -> float:
    result = workspace.engine.run(stack, operation)
    if result.outcome != "succeeded":
        raise RuntimeError(f"{operation} of {stack} {result.outcome}: {result.error}")
    return result.seconds
