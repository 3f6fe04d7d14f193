"""The processes of endpoints: how many, for how long, and what a caller sees when one fails."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.sandbox.serving import images, process, runtime
from infra.sandbox.serving.artifact import ArtifactStore
from infra.sandbox.serving.deployment import Deployment
from infra.sandbox.serving.errors import InvocationError
from infra.sandbox.serving.process import container_environment
from infra.sandbox.serving.runtime import EndpointRuntime

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bulkhead/test/platform/light:1"


class NoArtifacts(ArtifactStore):
    """A store whose models are empty; counts what it is asked for."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def fetch(self, deployment: Deployment, folder: Path) -> None:
        assert folder.is_dir()
        self.fetched.append(deployment.endpoint)
        assert self.gate.wait(30)


class Bench:
    """A runtime of two processes at most, over deployments that the test makes up."""

    def __init__(self, folder: Path) -> None:
        self.store = NoArtifacts()
        self.deployed: dict[str, Deployment] = {}
        self.runtime = EndpointRuntime(self.store, folder, max_processes=2, invocation_seconds=1.0)

    def deploy(self, name: str, generation: str = "1", **environment: str) -> None:
        self.deployed[name] = Deployment(
            account="123456789012",
            region="eu-central-1",
            endpoint=name,
            variant="main",
            weight=1.0,
            image=IMAGE,
            model_data_url="s3://b/k",
            role_arn="",
            environment=tuple(environment.items()),
            generation=generation,
        )

    def find(self, account: str, region: str, name: str) -> list[Deployment]:
        assert (account, region) == ("123456789012", "eu-central-1")
        return [self.deployed[name]]

    def call(self, name: str, **told: Any) -> Any:
        answer = self.runtime.invoke(
            account="123456789012",
            region="eu-central-1",
            endpoint=name,
            target_variant=None,
            headers={},
            body=json.dumps(told).encode(),
        )
        return json.loads(answer.body)


def _with_this_folder(folder: Path, given: Mapping[str, str], name: str) -> dict[str, str]:
    return container_environment(folder, given, name) | {"PYTHONPATH": str(Path(__file__).parent)}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Bench]:
    bench = Bench(tmp_path / "endpoints")
    monkeypatch.setitem(images.PROGRAMS, "light", "light_server")
    monkeypatch.setattr(process, "container_environment", _with_this_folder)
    monkeypatch.setattr(runtime, "deployments", bench.find)
    try:
        yield bench
    finally:
        bench.runtime.close()
        assert not _children()
        assert not (tmp_path / "endpoints").exists()


def _children() -> list[psutil.Process]:
    """The servers of endpoints; this process may have other tests' servers too."""
    found = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in found if _serves(child)]


def _serves(child: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.CHILD_MODULE in child.cmdline()
    return False


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_idle_processes_are_limited_and_come_back(bench: Bench) -> None:
    """The one that was idle for longest goes first."""
    for name in ("a", "b"):
        bench.deploy(name)
        assert bench.call(name, hello=name) == {"hello": name}
    bench.call("a")
    bench.deploy("c")
    bench.call("c")
    _until(lambda: len(_children()) == 2)
    bench.call("a")
    assert bench.store.fetched == ["a", "b", "c"], "a was used last and stayed"
    bench.call("b")
    assert bench.store.fetched == ["a", "b", "c", "b"]


def test_a_busy_process_is_not_ended_for_another(bench: Bench) -> None:
    for name in ("a", "b", "c"):
        bench.deploy(name)
    answers: list[Any] = []

    def call(name: str) -> None:
        answers.append(bench.call(name, sleep=0.5))

    busy = [threading.Thread(target=call, args=(name,)) for name in ("a", "b")]
    for thread in busy:
        thread.start()
    _until(lambda: len(bench.store.fetched) == 2)
    bench.call("c")
    for thread in busy:
        thread.join()
    assert answers == [{"sleep": 0.5}, {"sleep": 0.5}]


def test_a_call_that_takes_too_long_is_awss_time_out(bench: Bench) -> None:
    bench.deploy("slow")
    with pytest.raises(InvocationError) as caught:
        bench.call("slow", sleep=5)
    assert caught.value.status == 424
    assert caught.value.code == "ModelError"
    assert "Your invocation timed out while waiting for a response from container primary" in caught.value.message


def test_a_call_that_kills_the_process_fails_and_the_next_one_works(bench: Bench) -> None:
    bench.deploy("frail")
    with pytest.raises(InvocationError, match="the container closed the connection"):
        bench.call("frail", exit=9)
    assert bench.call("frail", alive=True) == {"alive": True}


def test_deletion_lets_a_call_finish(bench: Bench, tmp_path: Path) -> None:
    bench.deploy("goes")
    answers: list[Any] = []
    begun = tmp_path / "begun"
    call = threading.Thread(target=lambda: answers.append(bench.call("goes", touch=str(begun), sleep=0.5)))
    call.start()
    _until(begun.exists)
    bench.runtime.retire("123456789012", "eu-central-1", "goes")
    call.join()
    assert answers == [{"touch": str(begun), "sleep": 0.5}]
    _until(lambda: not _children())


def test_a_new_generation_gets_a_new_process(bench: Bench) -> None:
    bench.deploy("moves", "1")
    bench.call("moves")
    (old,) = _children()
    bench.deploy("moves", "2")
    bench.call("moves")
    _until(lambda: old not in _children())
    assert len(_children()) == 1


def test_waiting_callers_share_one_failed_start(bench: Bench) -> None:
    """And the next caller tries again: what was wrong may have been put right."""
    bench.deploy("refused", REFUSE="the moon is full")
    reasons: list[str] = []

    def call() -> None:
        with pytest.raises(InvocationError) as caught:
            bench.call("refused")
        reasons.append(caught.value.details["OriginalMessage"])

    bench.store.gate.clear()
    callers = [threading.Thread(target=call) for _ in range(8)]
    for caller in callers:
        caller.start()
    _until(lambda: bench.store.fetched == ["refused"])
    time.sleep(0.2)  # the others come to wait; those that are late try on their own
    bench.store.gate.set()
    for caller in callers:
        caller.join()
    assert reasons == ["the moon is full"] * 8
    assert len(bench.store.fetched) < 8
    bench.deploy("refused")
    assert bench.call("refused", now="fine") == {"now": "fine"}


@pytest.mark.parametrize("variable", ["LD_PRELOAD", "PYTHONSTARTUP", "PATH", "AWS_ACCESS_KEY_ID"])
def test_a_models_variables_cannot_change_the_process_itself(tmp_path: Path, variable: str) -> None:
    """The control: the model's own variable arrives."""
    made = container_environment(tmp_path, {variable: "/evil", "MINE": "yes"}, "name")
    assert made["MINE"] == "yes"
    assert made.get(variable) != "/evil"


@pytest.mark.parametrize(
    "image",
    [
        "",
        "serving-sklearn:1",
        "evil.example.com/bulkhead/prod/platform/serving-sklearn:1",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.com/bulkhead/prod/platform/serving-sklearn:1",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bulkhead/prod/platform/serving-sklearn",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bulkhead/prod/platform/serving-torch:1",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bulkhead/prod/acme/serving-sklearn:1",
    ],
)
def test_only_the_platforms_images_have_a_program(image: str) -> None:
    with pytest.raises(images.UnknownImage, match="serving-sklearn:<tag>"):
        images.program_of(image)
    good = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bulkhead/prod/platform/serving-sklearn@sha256:00"
    assert images.program_of(good) == "serving_containers.sklearn.server"
