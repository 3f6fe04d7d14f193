"""What a plan of a move may do: each step's own work, and never anything with a tenant's data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.engine import ResourceChange
from infra.operations import move_state
from infra.operations.move_plans import MoveRefused, of_network, require_plan_of
from infra.spec.move import Stage
from tests.components.specs import tenant

POOL = tenant()
SILO = tenant(tier="silo", network={"cidr": "10.80.0.0/22"})
_STACK = "urn:pulumi:acme::bulkhead-tenants::"
_NETWORK = "bulkhead:component:TenantNetwork$"
_SUBNET, _MODEL = "aws:ec2/subnet:Subnet", "aws:sagemaker/model:Model"
POOL_SUBNET = f"{_STACK}{_NETWORK}{_SUBNET}::network-a"
SILO_SUBNET = f"{_STACK}{_NETWORK}{_SUBNET}::silo-network-a"
MODEL = f"{_STACK}bulkhead:component:ModelEndpoint${_MODEL}::tumour"
BUCKET = f"{_STACK}bulkhead:component:TenantBuckets$aws:s3/bucket:Bucket::buckets-data"


def change(op: str, urn: str) -> ResourceChange:
    kind, name = urn.split("::")[2:4]
    return ResourceChange(urn=urn, type=kind.rpartition("$")[2], name=name, op=op)


#: The steps of a move from pool to silo with what they do.
ALLOWED = {
    Stage.BUILD: [("create", SILO_SUBNET), ("update", SILO_SUBNET), ("same", BUCKET)],
    Stage.SWITCH: [
        *(("update", BUCKET), ("create-replacement", MODEL), ("replace", MODEL), ("delete-replaced", MODEL)),
        ("create", SILO_SUBNET),
    ],
    Stage.REMOVE: [("update", BUCKET), ("delete", POOL_SUBNET), ("delete-replaced", MODEL)],
}
#: What a wrong program would do in them.
REFUSED = [
    (Stage.BUILD, "update", BUCKET),
    (Stage.BUILD, "create", POOL_SUBNET),
    (Stage.BUILD, "update", POOL_SUBNET),
    (Stage.BUILD, "delete", POOL_SUBNET),
    *((stage, op, BUCKET) for stage in Stage for op in ("delete", "replace", "create-replacement")),
    (Stage.SWITCH, "delete", POOL_SUBNET),
    (Stage.SWITCH, "delete", MODEL),
    (Stage.SWITCH, "replace", SILO_SUBNET),
    (Stage.REMOVE, "delete", SILO_SUBNET),
    (Stage.REMOVE, "create", POOL_SUBNET),
    (Stage.REMOVE, "delete", MODEL),
]


@pytest.mark.parametrize("stage", Stage)
def test_each_step_may_do_its_own_work(stage: Stage) -> None:
    require_plan_of(stage, tenant=SILO, left=POOL, changes=[change(*each) for each in ALLOWED[stage]])


@pytest.mark.parametrize(("stage", "op", "urn"), REFUSED)
def test_a_plan_that_does_more_is_refused(stage: Stage, op: str, urn: str) -> None:
    """Beside all that is right; the message names what is wrong."""
    plan = [*(change(*each) for each in ALLOWED[stage]), change(op, urn)]
    with pytest.raises(MoveRefused, match=urn.rpartition("::")[2]) as caught:
        require_plan_of(stage, tenant=SILO, left=POOL, changes=plan)
    assert caught.value.remedy


def test_what_is_called_like_a_network_and_is_none_is_not_taken_for_one() -> None:
    """The other network, and the component that gives access to networks."""
    assert of_network(POOL_SUBNET, "pool")
    assert of_network(SILO_SUBNET, "silo")
    assert not of_network(SILO_SUBNET, "pool")
    access = f"{_STACK}bulkhead:component:WorkloadNetworkAccess$aws:iam/rolePolicy:RolePolicy::network-access-serving"
    assert not of_network(access, "pool")


def _state(*resources: Mapping[str, Any]) -> dict[str, Any]:
    return {"deployment": {"resources": list(resources)}}


def test_where_a_model_runs_is_read_from_its_subnets() -> None:
    """A model in the other network tells; one that waits for its deletion does not."""
    pool = {"urn": POOL_SUBNET, "type": _SUBNET, "id": "subnet-1"}
    silo = {"urn": SILO_SUBNET, "type": _SUBNET, "id": "subnet-2"}
    here, there = (
        {"urn": MODEL, "type": _MODEL, "id": "m", "inputs": {"vpcConfig": {"subnets": [subnet]}}}
        for subnet in ("subnet-1", "subnet-2")
    )
    assert not move_state.serves_elsewhere(_state(pool, silo, here), "pool")
    assert move_state.serves_elsewhere(_state(pool, silo, there), "pool")
    assert not move_state.serves_elsewhere(_state(pool, silo, here, {**there, "delete": True}), "pool")
    assert not move_state.serves_elsewhere(_state(pool), "pool")


def test_the_names_that_a_plan_makes_anew() -> None:
    """Of replacements only, and of what goes by a name."""

    def event(op: str, urn: str, **inputs: str) -> dict[str, Any]:
        return {"resourcePreEvent": {"metadata": {"op": op, "urn": urn, "new": {"inputs": inputs}}}}

    events: list[dict[str, Any]] = [
        event("create-replacement", MODEL, name="m-2"),
        event("create-replacement", POOL_SUBNET, cidrBlock="10.0.0.0/24"),
        event("update", BUCKET, name="b"),
        {"summaryEvent": {}},
    ]
    assert move_state.planned_ids("\n".join(map(json.dumps, events)).encode()) == {MODEL: "m-2"}
