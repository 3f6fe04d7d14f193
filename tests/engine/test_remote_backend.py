"""Stacks as in production: state in a bucket, secrets under a KMS key; the bucket and the key are moto's."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from infra.engine import Engine, Operation
from infra.engine.errors import BackendUnreachable
from tests.engine.killing import kill_in_the_middle
from tests.engine.notes_bench import Bench, make_bench

REGION = "eu-central-1"


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def remote(tmp_path: Path, engine_command: Path, endpoint: str) -> Bench:
    """A bench whose backend is a bucket and whose secrets are under a key."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    bucket = f"state-{uuid.uuid4().hex}"
    s3 = session.client("s3", endpoint_url=endpoint)  # pyright: ignore[reportUnknownMemberType]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    kms = session.client("kms", endpoint_url=endpoint)  # pyright: ignore[reportUnknownMemberType]
    key = kms.create_key()["KeyMetadata"].get("KeyId")
    bench = make_bench(
        tmp_path,
        engine_command,
        backend_url=f"s3://{bucket}?region={REGION}&endpoint={endpoint}&s3ForcePathStyle=true",
        secrets_provider=f"awskms://{key}?region={REGION}",
        passphrase_file=None,
    )
    environment = {
        **bench.settings.environment,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    return dataclasses.replace(bench, settings=dataclasses.replace(bench.settings, environment=environment))


def test_a_stack_lives_in_a_bucket(remote: Bench) -> None:
    """Preview leaves no stack, up makes one, secrets are encrypted with the key, a second up changes nothing."""
    ref = remote.want("acme", first={"text": "one"})
    with remote.engine() as engine:
        preview = engine.run(ref, Operation.PREVIEW)
        assert preview.outcome == "succeeded", preview
        assert not engine.exists(ref)
        up = engine.run(ref, Operation.UP)
        assert up.outcome == "succeeded", up
        state = engine.export(ref)
        assert state["deployment"]["secrets_providers"]["type"] == "cloud"
        assert "not for everyone" not in json.dumps(state)
        assert not engine.run(ref, Operation.UP).changed
    with remote.engine() as elsewhere:
        assert elsewhere.outputs(ref)["secret"] == "[secret]"


def test_a_checkout_without_local_files_goes_on_with_the_stack(remote: Bench) -> None:
    """Another machine has only the bucket: it reads the secrets' key from the state and changes nothing."""
    ref = remote.want("acme", first={})
    with remote.engine() as engine:
        assert engine.run(ref, Operation.UP).outcome == "succeeded"
    other = dataclasses.replace(remote.settings, runs=remote.folder / "runs of another machine")
    with Engine(other, finder=remote.cloud) as engine:
        before = engine.export(ref)["deployment"]["secrets_providers"]
        result = engine.run(ref, Operation.UP)
        assert (result.outcome, result.changed) == ("succeeded", False), result
        assert engine.export(ref)["deployment"]["secrets_providers"] == before


def test_a_killed_run_is_recovered_from_a_bucket(remote: Bench) -> None:
    """The lock in the bucket is that of a dead process of this machine: lifted; what it was creating is adopted."""
    ref = remote.want("acme", first={}, second={"hold": "after"})
    kill_in_the_middle(remote, Operation.UP, "acme", "acme-second")
    with remote.engine() as engine:
        result = engine.run(ref, Operation.UP)
        assert result.outcome == "succeeded", result
        assert "pending_operations" not in engine.export(ref)["deployment"]
        assert not engine.run(ref, Operation.UP).changed
    assert remote.names() == ["acme-first", "acme-second"]


def test_a_bucket_that_is_not_there_is_told(remote: Bench) -> None:
    """The backend's own answer, typed, with a remedy."""
    settings = dataclasses.replace(remote.settings, backend_url=remote.settings.backend_url.replace("state-", "other-"))
    with Engine(settings) as engine:
        error = engine.run(remote.want("acme", first={}), Operation.UP).error
    assert isinstance(error, BackendUnreachable), error
    assert error.remedy
