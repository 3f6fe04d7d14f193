"""The floor of onboarding: a tenant's resources, registered flat, through a provider that does nothing."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from bench.components import bare_project
from bench.land import Land
from bench.measure import cpu_below
from infra.engine import Engine, Operation, StackRef
from infra.operations.plugins import prepare_engine
from infra.operations.workspace import Workspace, engine_settings

_PROVIDER = "bench.no_op_provider"
_TIMES = 5
#: What ends after the engine has answered is over then.
_SETTLING_SECONDS = 0.5


def measure(land: Land, tenant: str) -> float:
    """CPU-seconds of one `up`: stack, engine with checkpoints, warm program and provider; the median of a few.

    Args:
        land: Where the tenant is deployed, by whose state the program is generated.
        tenant: The tenant.
    """
    project = bare_project(land, tenant).project
    with Workspace(land.settings) as workspace:
        usual = engine_settings(land.settings, prepare_engine(land.settings, lambda _: None), workspace.cloud)
    engine = Engine(replace(usual, attach={"aws": f"{_PROVIDER}:serve"}, preload=(_PROVIDER,), packs=()))
    try:
        # the first one starts the warm process
        costs = [_cost(engine, StackRef(project=project, stack=f"floor{number}")) for number in range(_TIMES)]
    finally:
        engine.close()
    return statistics.median(costs[1:])  # the first one starts the warm process


def _cost(engine: Engine, stack: StackRef) -> float:
    before = cpu_below()
    result = engine.run(stack, Operation.UP)
    time.sleep(_SETTLING_SECONDS)
    if result.outcome != "succeeded":
        raise RuntimeError(f"{stack} {result.outcome}: {result.error}")
    return cpu_below() - before
