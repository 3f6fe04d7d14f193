"""Moves a tenant from one tier to the other: three updates of its stack, each planned, proven and applied by itself.

Between any two of them the tenant is whole: its endpoints are in service, its policies name what its workloads use, and
`bulkhead prove` says that it is apart from all others. `infra.spec.move` says what each update is, docs/tier-moves.md
draws them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infra.engine import Operation, StackEvent, StackRef, StackResult
from infra.engine.recovery.revive import waiting_for_deletion
from infra.errors import UserError
from infra.operations import move_state
from infra.operations.isolation_gate import Judgement, judge_deployed, judge_plan
from infra.operations.move_plans import require_plan_of
from infra.operations.projects import tenant_stack
from infra.operations.run import MODELS_CONFIG
from infra.operations.workspace import Workspace
from infra.spec import TenantSpec
from infra.spec.move import MOVE_CONFIG, Move, Stage

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef
    from mypy_boto3_sagemaker import SageMakerClient

OnEvent = Callable[[StackEvent], None]

#: How long an endpoint may be on its way to another configuration, and a job on its way to its end, in seconds: a new
#: fleet takes up to 20 minutes, and the old one stays for some more.
DEPLOYMENT_SECONDS = 3600.0
#: Pauses between two looks, in seconds: the first, and the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
_ON_ITS_WAY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})


class NotProven(UserError):
    """What an update of a move plans, or has left, is not proven to keep the tenants apart."""


class NetworkInUse(UserError):
    """Something of the tenant's still runs in the network that is to be removed."""


def move_config(stage: Stage, left: TenantSpec, *, models: bool = True) -> dict[str, str]:
    """The stack configuration that makes a run this update of a move.

    Args:
        stage: Which of the three updates it is.
        left: The spec that the tenant leaves.
        models: Whether the tenant's models are served.
    """
    return {MOVE_CONFIG: Move(stage=stage, left=left).model_dump_json()} | ({} if models else {MODELS_CONFIG: "false"})


def advance(
    workspace: Workspace,
    tenant: str,
    left: TenantSpec,
    stage: Stage,
    *,
    models: bool = True,
    on_event: OnEvent | None = None,
) -> StackResult:
    """Run one of the three updates of a move; repeating one that has ended changes nothing.

    Args:
        workspace: The specs, of which the tenant's says where it goes, the cloud and the engine.
        tenant: The tenant's id.
        left: The spec that it leaves.
        stage: Which update it is.
        models: Whether the tenant's models are served.
        on_event: Is told of progress.

    Raises:
        MoveRefused: the plan does more than that update does.
        NotProven: the plan is not proven, or what it made of ids that AWS chose.
        NetworkInUse: something still runs in the network that is to be removed.
        EngineError: the preview failed.
    """
    ref, spec = tenant_stack(tenant), workspace.estate.tenants[tenant]
    config = move_config(stage, left, models=models)
    workspace.engine.recover(ref)
    await_deployments(workspace, ref)
    if stage is Stage.REMOVE:
        _await_empty(workspace, ref, left)
    planned, events = _preview(workspace, ref, config)
    require_plan_of(stage, tenant=spec, left=left, changes=planned.changes)
    judged = judge_plan(workspace, tenant, events)
    _require_proof(judged, f"to {stage} in the move of {tenant}", tenant)
    result = workspace.engine.run(ref, Operation.UP, config=config, on_event=on_event)
    if result.outcome == "succeeded" and judged.open:
        _require_proof(judge_deployed(workspace, tenant), f"{tenant} in the middle of its move ({stage})", tenant)
    return result


def _require_proof(judged: Judgement, what: str, tenant: str) -> None:
    """Refuse what is not proven, but for ids that AWS has still to choose: what they were is proven after."""
    if judged.leak or judged.unknown:
        raise NotProven(
            f"{what} is not proven to keep the tenants apart: {judged.leak or judged.unknown}",
            remedy="change what the message names; bulkhead prove shows all that stands against it",
            where=tenant,
        )


def put_back(
    workspace: Workspace, tenant: str, gone_to: TenantSpec, *, models: bool = True, on_event: OnEvent | None = None
) -> StackResult:
    """Bring a tenant back to its spec from wherever a move to another one has ended.

    Where its endpoints run in the other network already, they come back as they went, with both networks open.

    Args:
        workspace: The specs, of which the tenant's is the one from before the move, the cloud and the engine.
        tenant: The tenant's id.
        gone_to: The spec that the move went to.
        models: Whether the tenant's models are served.
        on_event: Is told of progress.

    Raises:
        EngineError: a dead run could not be recovered, or the state cannot be read or written.
    """
    ref, spec = tenant_stack(tenant), workspace.estate.tenants[tenant]
    workspace.engine.recover(ref)
    await_deployments(workspace, ref)
    back, end = (move_config(stage, gone_to, models=models) for stage in (Stage.SWITCH, Stage.REMOVE))
    if waiting_for_deletion(workspace.engine.export(ref)):
        _, events = _preview(workspace, ref, back)
        workspace.engine.revive(ref, move_state.planned_ids(events))
    if move_state.serves_elsewhere(workspace.engine.export(ref), spec.tier):
        result = workspace.engine.run(ref, Operation.UP, config=back, on_event=on_event)
        if result.outcome != "succeeded":
            return result
    return workspace.engine.run(ref, Operation.UP, config=end, on_event=on_event)


def await_deployments(workspace: Workspace, ref: StackRef, *, seconds: float = DEPLOYMENT_SECONDS) -> None:
    """Wait until no endpoint of a tenant is on its way to another configuration, as after a run that was killed.

    SageMaker refuses to update an endpoint while it is. Source: Amazon SageMaker API Reference, "UpdateEndpoint",
    "DescribeEndpoint".

    Args:
        workspace: The cloud, and the state that says which endpoints there are.
        ref: The tenant's stack.
        seconds: How long to wait at most.

    Raises:
        NetworkInUse: an endpoint was still on its way then.
    """
    sagemaker: SageMakerClient = workspace.cloud.client("sagemaker", workspace.cloud.provisioning_session())
    names = move_state.endpoints_of(workspace.engine.export(ref))

    def on_their_way() -> list[str]:
        found = {name: sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] for name in names}
        return [name for name, status in found.items() if status in _ON_ITS_WAY]

    left = _wait_out(on_their_way, seconds)
    if left:
        raise NetworkInUse(
            f"{', '.join(left)} are still being deployed",
            remedy="wait until they are in service, then ask for the operation again",
            where=str(ref),
        )


def _await_empty(workspace: Workspace, ref: StackRef, left: TenantSpec, *, seconds: float = DEPLOYMENT_SECONDS) -> None:
    """Wait until nothing but VPC endpoints has an address in the network that is to be removed.

    An old fleet and a training job that was started before the switch keep theirs until they end. Source: Amazon EC2
    API Reference, "DescribeNetworkInterfaces".
    """
    state = workspace.engine.export(ref)
    subnets, own = sorted(move_state.subnets_of(state, left.tier)), move_state.endpoint_interfaces_of(state, left.tier)
    if not subnets:
        return
    ec2: EC2Client = workspace.cloud.client("ec2", workspace.cloud.provisioning_session())

    def in_use() -> list[str]:
        filters: list[FilterTypeDef] = [{"Name": "subnet-id", "Values": subnets}]
        pages = ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters)
        found = {each.get("NetworkInterfaceId", ""): each for page in pages for each in page["NetworkInterfaces"]}
        return [f"{name} ({each.get('Description')})" for name, each in found.items() if name not in own]

    there = _wait_out(in_use, seconds)
    if there:
        raise NetworkInUse(
            f"the network that {left.id} leaves is still used by {', '.join(there)}",
            remedy=(
                "stop the tenant's jobs that were started before the move, or let them end; then ask for an update of"
                f" {left.id}, which removes what is left of that network"
            ),
            where=left.id,
        )


def _wait_out(look: Callable[[], list[str]], seconds: float) -> Sequence[str]:
    """Look until there is nothing, or for so long; what was there last."""
    until, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while (found := look()) and time.monotonic() < until:
        time.sleep(min(pause, max(0.0, until - time.monotonic())))
        pause = min(2 * pause, _LONGEST_PAUSE)
    return found


def _preview(workspace: Workspace, ref: StackRef, config: dict[str, str]) -> tuple[StackResult, bytes]:
    with tempfile.TemporaryDirectory(prefix="bulkhead-move-") as temporary:
        file = Path(temporary) / "events.jsonl"
        planned = workspace.engine.run(ref, Operation.PREVIEW, config=config, events=file)
        if planned.error is not None:
            raise planned.error
        return planned, file.read_bytes() if file.exists() else b""
