"""A tenant moves between tiers under load, is stopped on the way and comes back: on the real engine, in a cloud that
fails when it is told to."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from botocore.config import Config

from infra import naming
from infra.demo.artifacts import upload_missing
from infra.demo.training import train
from infra.engine import Operation
from infra.engine.local_state import stack_file
from infra.gitops import patched
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations import move_state, moves, run
from infra.operations.move_plans import MoveRefused
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.proving import Estate, prove_estate
from infra.operations.tenant_sessions import invoke_session
from infra.proof.report import Verdict
from infra.provisioning.context import Result, Work
from infra.provisioning.steps.apply import apply
from infra.provisioning.steps.build_network import build_network
from infra.provisioning.steps.put_back import put_back
from infra.provisioning.steps.remove_old_network import remove_old_network
from infra.provisioning.steps.switch_endpoints import switch_endpoints
from infra.provisioning.steps.validate import validate
from infra.provisioning.steps.verify import verify
from infra.spec.common import Tier
from infra.spec.move import Stage
from tests.acceptance.killing import engines, kill
from tests.acceptance.land import Land
from tests.faults.faulty_cloud import Cloud, Fault
from tests.faults.invocations import Load
from tests.provisioning.step_calls import call_of, change_of, failure_of

pytestmark = pytest.mark.xdist_group("moves")

TENANT, NEIGHBOUR = "acme", "globex"
PATCHES: Mapping[Tier, Mapping[str, Any]] = {
    "silo": {"tier": "silo", "network": {"cell": None, "cidr": "10.96.0.0/22"}},
    "pool": {"tier": "pool", "network": {"cell": "main", "cidr": "10.64.0.0/24"}},
}
TIERS: tuple[Tier, Tier] = ("pool", "silo")
#: What a tenant's data is in, or is known by: it has the same ids after a move.
DATA = (
    *("aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:kms/alias:Alias", "aws:ecr/repository:Repository"),
    *("aws:sagemaker/modelPackageGroup:ModelPackageGroup", "aws:sagemaker/endpoint:Endpoint", "aws:iam/role:Role"),
)
_Step = Callable[[Work, StepCall], Result]


@dataclass
class World:
    """The platform, a tenant that serves and a neighbour, in a cloud that fails when it is told to."""

    land: Land
    cloud: Cloud
    work: Work = field(init=False)

    def __post_init__(self) -> None:
        self.work = Work(self.land.settings)

    def run(self, step: _Step, arguments: Mapping[str, Any]) -> Result:
        """Run a step with the engine that stays warm."""
        self.work.workspace.__dict__.pop("estate", None)
        return step(self.work, call_of(step.__name__.replace("_", " "), TENANT, arguments))

    def move_to(self, tier: Tier) -> dict[str, Any]:
        """The arguments of a move of the tenant, whose spec is written."""
        file = self.land.specs / f"{TENANT}.yaml"
        former = file.read_bytes()
        move = change_of(former, patched(file, former, PATCHES[tier]))
        self.run(validate, move)
        return move

    @property
    def state(self) -> dict[str, Any]:
        return self.work.workspace.engine.export(tenant_stack(TENANT))

    def data(self) -> set[tuple[str, str]]:
        """What the tenant's data is in."""
        return {(each["type"], each["id"]) for each in move_state.resources(self.state) if each["type"] in DATA}

    def artifact(self) -> tuple[str, str]:
        """The version and the digest of the tenant's model as it lies in its bucket."""
        s3 = self.work.cloud.client("s3", self.work.cloud.provisioning_session())
        spec = self.work.tenant(TENANT)
        bucket = naming.bucket(self.work.platform, spec, "models")
        there = s3.head_object(Bucket=bucket, Key=spec.served_models[0].artifact.key)
        return there["VersionId"], there["ETag"]

    def load(self) -> Load:
        """Calls of the tenant's endpoint with the tenant's own credentials."""
        cloud, platform, spec = self.work.cloud, self.work.platform, self.work.tenant(TENANT)
        make = cast("Callable[..., Any]", invoke_session(cloud, platform, spec).client)
        once = Config(retries={"total_max_attempts": 1})
        runtime = make("sagemaker-runtime", endpoint_url=cloud.endpoint_url, config=once)
        row = train(spec.served_models[0].name).held_out[:1].tolist()
        return Load(runtime, self.endpoint, json.dumps({"instances": row}))

    @property
    def endpoint(self) -> str:
        spec = self.work.tenant(TENANT)
        return naming.endpoint(self.work.platform, spec, spec.served_models[0].name)

    def served_from(self) -> Tier:
        """The tier of the network that the fleet in service is in."""
        sagemaker = self.land.client("sagemaker")
        described = sagemaker.describe_endpoint(EndpointName=self.endpoint)
        assert described["EndpointStatus"] == "InService"
        config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
        model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
        subnets = frozenset(map(str, model["VpcConfig"]["Subnets"]))
        state = self.state
        return next(each for each in TIERS if subnets == move_state.subnets_of(state, each))

    def proven(self) -> bool:
        """Whether all that is deployed is proven, every promise to the tenants with it."""
        return prove_estate(Estate.read(self.land.settings)).verdict is Verdict.PROVED

    def preview(self) -> dict[str, int]:
        """What a plain preview would do."""
        result = self.work.workspace.engine.run(tenant_stack(TENANT), Operation.PREVIEW)
        assert result.error is None, result.error
        return {op: count for op, count in result.summary.items() if op != "same"}

    @contextlib.contextmanager
    def killing(self, moment: Callable[[], bool]) -> Generator[None]:
        """Kill the engine at a moment; fails where it never comes."""
        over, struck = threading.Event(), threading.Event()

        def watch() -> None:
            while not over.is_set():
                if moment():
                    doomed = engines(psutil.Process().children(recursive=True))
                    kill(doomed)
                    if doomed:
                        struck.set()
                        return
                time.sleep(0.02)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
        assert struck.is_set()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Iterator[World]:
    del engine_command  # made before, if it has to be
    land = Land(tmp_path_factory.mktemp("moves"))
    cloud = Cloud(land.home / "sandbox")
    world = World(land, cloud)
    workspace = world.work.workspace
    try:
        _up(world, PLATFORM_STACK)
        _up(world, tenant_stack(TENANT), tenant_stack(NEIGHBOUR), models=False)
        assert list(upload_missing(workspace, [TENANT]))
        _up(world, tenant_stack(TENANT))
        yield world
    finally:
        world.work.close()
        cloud.sandbox.down()


def _up(world: World, *stacks: Any, models: bool = True) -> None:
    for result in run.apply(world.work.workspace, stacks, Operation.UP, models=models):
        assert result.outcome == "succeeded", result.error


@dataclass(frozen=True, kw_only=True)
class Stop:
    """How a move is stopped in one of its steps.

    Args:
        before: The steps that have ended.
        step: The step that AWS refuses, and whose second attempt is killed.
        fault: What AWS refuses.
        failure: The class of that.
        moment: When the second attempt is killed.
    """

    before: tuple[_Step, ...]
    step: _Step
    fault: Fault
    failure: FailureClass
    moment: Callable[[World], bool]


#: EC2 refuses to delete a subnet in which anything has an address.
IN_USE = Fault(operation="DeleteSubnet", code="DependencyViolation", status=400)


def _has_silo_endpoint(world: World) -> bool:
    found = world.land.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    names = [tag["Value"] for each in found for tag in each["Tags"] if tag["Key"] == "Name"]
    return names.count("bh-dev-acme-endpoint-kms") > 1


def _is_updating(world: World) -> bool:
    return world.land.client("sagemaker").describe_endpoint(EndpointName=world.endpoint)["EndpointStatus"] == "Updating"


def _is_less(world: World, every: int) -> bool:
    return len(world.land.resources(TENANT)) < every


STOPS = {
    "build network": Stop(
        before=(),
        step=build_network,
        fault=Fault(operation="CreateVpcEndpoint", code="VpcEndpointLimitExceeded", status=400),
        failure=FailureClass.QUOTA,
        moment=_has_silo_endpoint,
    ),
    "switch endpoints": Stop(
        before=(build_network,),
        step=switch_endpoints,
        fault=Fault(operation="UpdateEndpoint", code="ResourceLimitExceeded", status=400),
        failure=FailureClass.QUOTA,
        moment=_is_updating,
    ),
}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS.keys())
def test_a_move_that_is_stopped_leaves_the_tenant_as_before(world: World, stop: Stop) -> None:
    """AWS refuses, the next attempt is killed in the middle, the move is given up: the state is the one from before,
    and no call of the endpoint has failed meanwhile."""
    before, spec = world.state, (world.land.specs / f"{TENANT}.yaml").read_bytes()
    with world.load() as load:
        move = world.move_to("silo")
        for step in stop.before:
            world.run(step, move)
        with world.cloud.failing(stop.fault), pytest.raises(Exception) as caught:  # noqa: PT011  judged by failure_of
            world.run(stop.step, move)
        assert failure_of(caught.value).failure_class is stop.failure, caught.value
        with world.killing(lambda: stop.moment(world)), pytest.raises(Exception):  # noqa: B017, PT011  it was killed
            world.run(stop.step, move)
        world.run(put_back, move)
        assert world.served_from() == "pool"
    assert load.failures == []
    assert load.answers
    assert (world.land.specs / f"{TENANT}.yaml").read_bytes() == spec
    assert _content(world.state) == _content(before)
    assert (world.proven(), world.preview()) == (True, {})


def _content(state: Mapping[str, Any]) -> dict[str, Any]:
    """What a state says of each resource, without times, and without what a refresh reads besides."""
    kept = ("type", "id", "inputs", "protect", "parent", "delete", "aliases")
    return {each["urn"]: {key: each.get(key) for key in kept} for each in state["deployment"]["resources"]}


def test_a_tenant_moves_there_and_back_and_no_call_fails(world: World) -> None:
    """In each state on the way it is proven and does what its spec promises; its data stays where it is. The removal of
    the old network is killed once, and goes on; once AWS refuses it to the end, and an update does the rest."""
    data, artifact = world.data(), world.artifact()
    with world.load() as load:
        for there, here in (TIERS[::-1], TIERS):
            move = world.move_to(there)
            added = world.run(build_network, move)["changes"]
            assert set(added) == {"create", "same"}
            assert (world.served_from(), world.proven()) == (here, True)
            switched = world.run(switch_endpoints, move)["changes"]
            assert set(switched) == {"update", "replace", "same"}
            assert (world.served_from(), world.proven()) == (there, True)
            world.run(verify, move)
            if there == "silo":
                every = len(world.land.resources(TENANT))
                with world.killing(partial(_is_less, world, every)), pytest.raises(Exception):  # noqa: B017, PT011
                    world.run(remove_old_network, move)
                world.run(remove_old_network, move)
            else:
                with world.cloud.failing(IN_USE), pytest.raises(Exception) as caught:  # noqa: PT011  judged by failure_of
                    world.run(remove_old_network, move)
                assert failure_of(caught.value).failure_class is FailureClass.TRANSIENT, caught.value
                assert (world.served_from(), world.proven()) == (there, True)
                world.run(apply, {})
            assert (world.served_from(), world.proven(), world.preview()) == (there, True, {})
            assert not move_state.subnets_of(world.state, here)
    assert load.failures == []
    assert len(load.answers) > 50
    assert (world.data(), world.artifact()) == (data, artifact)


def test_a_silo_of_an_earlier_version_sees_no_change_and_is_updated_before_it_moves(world: World) -> None:
    """Its network had another name in the stack: that alone is no change. A move, which would take the one network for
    the other, is refused with nothing changed; after an update it would begin."""
    workspace, ref = world.work.workspace, tenant_stack(NEIGHBOUR)
    file = world.land.specs / f"{NEIGHBOUR}.yaml"
    silo, left = file.read_bytes(), world.work.tenant(NEIGHBOUR)
    state = stack_file(world.land.settings.backend_url, ref)
    assert state is not None
    state.write_text(state.read_text().replace("::silo-network", "::network"))

    def planned(operation: Operation, config: Mapping[str, str]) -> set[str]:
        result = workspace.engine.run(ref, operation, config={**config, run.MODELS_CONFIG: "false"})
        assert result.error is None, result.error
        return set(result.summary)

    assert planned(Operation.PREVIEW, {}) == {"same"}
    pool = {
        "tier": "pool",
        "network": {"cell": "main", "cidr": "10.64.9.0/24"},
        "quotas": {"max_endpoint_instances": 10},
    }
    file.write_bytes(patched(file, silo, pool))
    workspace.__dict__.pop("estate", None)
    before = state.read_bytes()
    with pytest.raises(MoveRefused, match="by this version of the blueprint"):
        moves.advance(workspace, NEIGHBOUR, left, Stage.BUILD, models=False)
    assert state.read_bytes() == before
    file.write_bytes(silo)
    assert planned(Operation.UP, {}) == {"same"}
    file.write_bytes(patched(file, silo, pool))
    assert planned(Operation.PREVIEW, moves.move_config(Stage.BUILD, left)) == {"create", "same"}
    file.write_bytes(silo)
