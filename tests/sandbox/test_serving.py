"""InvokeEndpoint runs the endpoint's real server, and answers as AWS does where it cannot."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from sandbox_clients import Clients, error_of
from served_models import ACCOUNT, BUCKET, ROWS, Deployer, constant, iris_tree

from infra.sandbox import Sandbox
from tests.faults.invocations import Load


@pytest.fixture(scope="module")
def deployer(aws: Clients) -> Deployer:
    return Deployer(aws)


def _servers(cloud: Sandbox) -> list[psutil.Process]:
    return [child for child in psutil.Process(cloud.status().pid or 0).children() if _is_server(child)]


def _is_server(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):  # also of zombies
        return "infra.sandbox.serving.child" in process.cmdline()
    return False


def _status(deployer: Deployer, name: str) -> str:
    return deployer.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_endpoint_answers_with_its_models_predictions(cloud: Sandbox, deployer: Deployer) -> None:
    """The server starts with the first call, not before, and serves the next ones."""
    before = len(_servers(cloud))
    deployer.endpoint("iris", iris_tree())
    assert len(_servers(cloud)) == before
    assert deployer.invoke("iris") == [0, 2, 2]
    assert len(_servers(cloud)) == before + 1
    assert deployer.invoke("iris", ROWS[:1]) == [0]
    assert len(_servers(cloud)) == before + 1


def test_headers_pass_both_ways(deployer: Deployer) -> None:
    deployer.endpoint("headers", constant(7))
    answer = deployer.runtime.invoke_endpoint(
        EndpointName="headers", Body=b"1,2,3,4\n", ContentType="text/csv", Accept="text/csv", CustomAttributes="trace=9"
    )
    assert answer["Body"].read() == b"7\n"
    assert answer["ContentType"].startswith("text/csv")
    assert answer["CustomAttributes"] == "trace=9"
    assert answer["InvokedProductionVariant"] == "main"


def test_concurrent_first_calls_start_one_server(cloud: Sandbox, deployer: Deployer, aws: Clients) -> None:
    """More callers than the cloud has threads, all waiting for the same start."""
    deployer.endpoint("stampede", constant(1))
    deployer.runtime = aws("sagemaker-runtime", Config(max_pool_connections=100))
    before = len(_servers(cloud))
    with ThreadPoolExecutor(100) as pool:
        assert list(pool.map(deployer.invoke, ["stampede"] * 100, [ROWS[:1]] * 100)) == [[1]] * 100
    assert len(_servers(cloud)) == before + 1


def test_a_missing_endpoint_gets_awss_own_error(deployer: Deployer) -> None:
    with pytest.raises(ClientError) as caught:
        deployer.invoke("nowhere")
    assert error_of(caught) == ("ValidationError", f"Endpoint nowhere of account {ACCOUNT} not found.")
    with pytest.raises(ClientError) as caught:
        deployer.runtime.invoke_endpoint_async(EndpointName="nowhere", InputLocation="s3://b/k")
    assert error_of(caught)[0] == "ValidationError"


def test_an_update_replaces_the_server(cloud: Sandbox, deployer: Deployer) -> None:
    deployer.endpoint("changes", constant(1))
    assert deployer.invoke("changes", ROWS[:1]) == [1]
    deployer.model("changes-2", constant(2))
    deployer.config("changes-2", {"main": "changes-2"})
    before = {server.pid for server in _servers(cloud)}
    deployer.sagemaker.update_endpoint(EndpointName="changes", EndpointConfigName="changes-2")
    assert deployer.invoke("changes", ROWS[:1]) in ([1], [2])
    _until(lambda: _status(deployer, "changes") == "InService")
    assert deployer.invoke("changes", ROWS[:1]) == [2]
    _until(lambda: len(_servers(cloud)) == len(before))
    assert {server.pid for server in _servers(cloud)} != before


def test_calls_during_an_update_all_get_an_answer(deployer: Deployer) -> None:
    """Blue/green: each call is answered by the old model or the new one."""
    deployer.endpoint("busy", constant(1))
    deployer.model("busy-2", constant(2))
    deployer.config("busy-2", {"main": "busy-2"})
    deployer.invoke("busy", ROWS[:1])

    def call(number: int) -> int:
        if number == 20:
            deployer.sagemaker.update_endpoint(EndpointName="busy", EndpointConfigName="busy-2")
        if number == 59:
            _until(lambda: _status(deployer, "busy") == "InService")
        return deployer.invoke("busy", ROWS[:1])[0]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, range(60)))
    assert set(answers) == {1, 2}
    assert answers[-1] == 2


def test_load_sees_a_replacement_in_place_and_no_update(deployer: Deployer) -> None:
    """What counts the failed calls during a tenant's move: none in an update, some in its broken twin, an endpoint that
    is deleted and made again under its name."""
    deployer.endpoint("loaded", constant(1))
    deployer.model("loaded-2", constant(2))
    deployer.config("loaded-2", {"main": "loaded-2"})
    body = json.dumps({"instances": ROWS[:1]})
    with Load(deployer.runtime, "loaded", body) as updated:
        _until(lambda: len(updated.answers) > 5)
        deployer.sagemaker.update_endpoint(EndpointName="loaded", EndpointConfigName="loaded-2")
        _until(lambda: b"[2]" in updated.answers[-1].replace(b" ", b""))
    assert updated.failures == []
    with Load(deployer.runtime, "loaded", body) as replaced:
        deployer.sagemaker.delete_endpoint(EndpointName="loaded")
        _until(lambda: bool(replaced.failures))
        deployer.sagemaker.create_endpoint(EndpointName="loaded", EndpointConfigName="loaded")
        _until(lambda: bool(replaced.answers))
    assert "Endpoint loaded of account" in replaced.failures[0]


def test_a_fleet_that_does_not_start_leaves_the_old_one_in_service(deployer: Deployer) -> None:
    """The endpoint serves as before, says why, and refuses a second update only while one is under way."""
    deployer.endpoint("stays", constant(1))
    deployer.invoke("stays", ROWS[:1])
    deployer.model("stays-2", constant(2), Environment={"BULKHEAD_MODEL_SHA256": "0" * 64})
    deployer.config("stays-2", {"main": "stays-2"})
    deployer.sagemaker.update_endpoint(EndpointName="stays", EndpointConfigName="stays-2")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        deployer.sagemaker.update_endpoint(EndpointName="stays", EndpointConfigName="stays-2")
    _until(lambda: _status(deployer, "stays") == "InService")
    described = deployer.sagemaker.describe_endpoint(EndpointName="stays")
    assert described["EndpointConfigName"] == "stays"
    assert "SHA-256" in described["FailureReason"]
    assert deployer.invoke("stays", ROWS[:1]) == [1]
    deployer.model("stays-3", constant(3))
    deployer.config("stays-3", {"main": "stays-3"})
    deployer.sagemaker.update_endpoint(EndpointName="stays", EndpointConfigName="stays-3")
    _until(lambda: _status(deployer, "stays") == "InService")
    assert deployer.invoke("stays", ROWS[:1]) == [3]


def test_deletion_ends_the_server(cloud: Sandbox, deployer: Deployer) -> None:
    before = {server.pid for server in _servers(cloud)}
    deployer.endpoint("goes", constant(1))
    deployer.invoke("goes")
    (server,) = [server for server in _servers(cloud) if server.pid not in before]
    deployer.sagemaker.delete_endpoint(EndpointName="goes")
    _until(lambda: not server.is_running())
    with pytest.raises(ClientError, match="Endpoint goes of account"):
        deployer.invoke("goes")
    deployer.sagemaker.create_endpoint(EndpointName="goes", EndpointConfigName="goes")
    assert deployer.invoke("goes", ROWS[:1]) == [1]


def test_a_crashed_server_is_started_again(cloud: Sandbox, deployer: Deployer) -> None:
    before = {server.pid for server in _servers(cloud)}
    deployer.endpoint("crashes", constant(3))
    deployer.invoke("crashes")
    (server,) = [server for server in _servers(cloud) if server.pid not in before]
    server.kill()
    _until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
    assert deployer.invoke("crashes", ROWS[:1]) == [3]


def test_variants_share_the_traffic_and_can_be_chosen(deployer: Deployer) -> None:
    for value in (1, 2):
        deployer.model(f"variant-{value}", constant(value))
    deployer.config("variants", {"one": "variant-1", "two": "variant-2"}, {"one": 0.0, "two": 1.0})
    deployer.sagemaker.create_endpoint(EndpointName="variants", EndpointConfigName="variants")
    assert [deployer.invoke("variants", ROWS[:1]) for _ in range(5)] == [[2]] * 5
    assert deployer.invoke("variants", ROWS[:1], TargetVariant="one") == [1]
    with pytest.raises(ClientError) as caught:
        deployer.invoke("variants", TargetVariant="three")
    assert error_of(caught)[0] == "ValidationError"


def _model_error(caught: pytest.ExceptionInfo[ClientError]) -> str:
    code, message = error_of(caught)
    assert code == "ModelError"
    assert cast("Any", caught.value.response)["ResponseMetadata"]["HTTPStatusCode"] == 424
    return message


def test_the_containers_own_error_is_a_model_error_with_its_text(deployer: Deployer) -> None:
    deployer.endpoint("strict", iris_tree())
    with pytest.raises(ClientError) as caught:
        deployer.invoke("strict", [[1, 2]])
    message = _model_error(caught)
    assert message.startswith('Received client error (400) from primary with message "{"error":"row 1 has 2 values')
    assert f"group=/aws/sagemaker/Endpoints/strict in account {ACCOUNT} for more information." in message
    response: Any = caught.value.response
    assert response["OriginalStatusCode"] == 400
    assert "row 1 has 2 values" in json.loads(response["OriginalMessage"])["error"]
    with pytest.raises(ClientError, match=r"Received client error \(415\)"):
        deployer.invoke("strict", ContentType="image/png")
    with pytest.raises(ClientError, match=r"Received client error \(406\)"):
        deployer.invoke("strict", Accept="image/png")


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("unpinned", {"Environment": {}}, "BULKHEAD_MODEL_SHA256 is missing"),
        (
            "mispinned",
            {"Environment": {"BULKHEAD_MODEL_SHA256": "0" * 64}},
            "0000 was deployed: nothing of it was unpacked",
        ),
        ("nodata", {"ModelDataUrl": f"s3://{BUCKET}/nothing.tar.gz"}, "role/serving.*NoSuchKey"),
        ("nobucket", {"ModelDataUrl": "https://example.com/model.tar.gz"}, "is not s3://"),
        ("foreign", {"Image": "docker.io/library/nginx:1"}, "cannot run the image 'docker.io/library/nginx:1'"),
        (
            "otherrepo",
            {"Image": f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/serving-sklearn:1"},
            "cannot run the image",
        ),
        ("bad-setting", {}, "BULKHEAD_MAX_BATCH_ROWS='many'"),
    ],
)
def test_a_server_that_cannot_start_is_a_model_error_with_the_reason(
    deployer: Deployer, name: str, changes: dict[str, Any], reason: str
) -> None:
    """And nothing is left of it: the positive control is every other test here."""
    if name == "bad-setting":
        changes = {"Environment": {"BULKHEAD_MODEL_SHA256": iris_tree().sha256, "BULKHEAD_MAX_BATCH_ROWS": "many"}}
    deployer.endpoint(name, iris_tree(), **changes)
    with pytest.raises(ClientError) as caught:
        deployer.invoke(name)
    assert re.search(reason, _model_error(caught))


def test_an_artifact_that_changed_after_the_deployment_is_not_loaded(cloud: Sandbox, deployer: Deployer) -> None:
    """The server that runs keeps its model; the next one refuses the other archive."""
    deployer.endpoint("tampered", constant(1))
    assert deployer.invoke("tampered", ROWS[:1]) == [1]
    deployer.s3.put_object(Bucket=BUCKET, Key="tampered/model.tar.gz", Body=constant(2).archive)
    assert deployer.invoke("tampered", ROWS[:1]) == [1]
    for server in _servers(cloud):
        os.kill(server.pid, signal.SIGKILL)
    _until(lambda: not _servers(cloud))
    with pytest.raises(ClientError) as caught:
        deployer.invoke("tampered")
    assert f"{constant(1).sha256} was deployed" in _model_error(caught)


def test_a_payload_over_the_limit_gets_awss_413(deployer: Deployer) -> None:
    deployer.endpoint("large", iris_tree())
    with pytest.raises(ClientError) as caught:
        deployer.runtime.invoke_endpoint(EndpointName="large", Body=b"x" * 6_291_457, ContentType="text/csv")
    assert error_of(caught) == ("413", "HTTP content length exceeded 6291456 bytes.")
    with pytest.raises(ClientError) as caught:
        deployer.runtime.invoke_endpoint(EndpointName="large", Body=b"x" * 6_291_456, ContentType="text/csv")
    assert "Received client error (400)" in _model_error(caught)


def test_custom_attributes_have_a_limit_and_target_models_are_refused(deployer: Deployer) -> None:
    with pytest.raises(ClientError, match="less than or equal to 1024"):
        deployer.invoke("large", CustomAttributes="x" * 1025)
    with pytest.raises(ClientError, match="TargetModel is not supported"):
        deployer.invoke("large", TargetModel="other.tar.gz")


def test_the_artifact_is_read_with_the_models_own_role(cloud: Sandbox, deployer: Deployer) -> None:
    """The cloud's log shows AssumeRole and then GetObject for the start of a server."""
    log = cloud.status().log
    before = log.read_text().count("POST sts")
    deployer.endpoint("roles", constant(1))
    deployer.invoke("roles")
    text = log.read_text()
    assert text.count("POST sts") == before + 1
    assert re.search(r"GET s3 /models-of-acme/roles/model\.tar\.gz 200", text)


@pytest.mark.parametrize("how", ["down", "kill"])
def test_no_server_outlives_the_sandbox(home: Any, how: str) -> None:
    """Also when the sandbox is killed and cannot end them."""
    sandbox = Sandbox(home)
    sandbox.up()
    deployer = Deployer(Clients(sandbox.environment()))
    deployer.endpoint("orphan", constant(1))
    deployer.invoke("orphan")
    servers = _servers(sandbox)
    assert servers
    if how == "down":
        sandbox.down()
    else:
        os.kill(sandbox.status().pid or 0, signal.SIGKILL)
    _until(lambda: not any(server.is_running() and server.status() != psutil.STATUS_ZOMBIE for server in servers))
    assert not any((home / "endpoints").glob("*/*")) or how == "kill"
