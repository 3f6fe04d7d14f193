"""Programs of components on the real engine against an embedded cloud of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3

from infra.engine import Engine, EngineSettings, Operation, Project, StackRef, StackResult
from infra.engine.passphrase import ensure_passphrase
from infra.sandbox import Sandbox
from infra.sandbox.account import ensure_roles
from tests.components.specs import PLATFORM


@dataclass(frozen=True)
class Live:
    """One stack of a program of the tests.

    Args:
        engine: Runs it.
        ref: The stack.
        environment: Reaches its cloud.
    """

    engine: Engine
    ref: StackRef
    environment: Mapping[str, str]

    def run(self, operation: Operation) -> StackResult:
        """Run an operation, which must succeed."""
        result = self.engine.run(self.ref, operation)
        messages = [str(result.error), *(diagnostic.message for diagnostic in result.diagnostics)]
        assert result.outcome == "succeeded", "\n".join(messages)
        return result

    def client(self, service: str) -> Any:
        """A boto3 client of the cloud, with the account's own key."""
        return self._client(service, self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"])

    def client_as(self, service: str, role_arn: str) -> Any:
        """A boto3 client of a session of a role, which trusts the account for the moment in which that is made."""
        iam, name = self.client("iam"), role_arn.rpartition("/")[2]
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        account = {"AWS": role_arn.split(":")[4]}
        opened = {"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}
        iam.update_assume_role_policy(
            RoleName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [opened]})
        )
        made = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
        return self._client(service, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])

    def _client(self, service: str, key_id: str, secret: str, token: str | None = None) -> Any:
        session = boto3.Session(key_id, secret, token, region_name=self.environment["AWS_REGION"])
        make = cast("Callable[..., Any]", session.client)
        return make(service, endpoint_url=self.environment["AWS_ENDPOINT_URL"])

    def resources(self) -> list[Mapping[str, Any]]:
        """The resources in the stack's state."""
        return self.engine.export(self.ref)["deployment"].get("resources", [])


@contextmanager
def live(folder: Path, command: Path, program: str) -> Generator[Live]:
    """An empty cloud and a project that runs one function.

    Args:
        folder: Holds the cloud, the project and its state.
        command: The Pulumi engine.
        program: The function that registers resources, as ``module:function``.
    """
    module, _, function = program.partition(":")
    project = folder / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: components\nruntime: python\n")
    (project / "__main__.py").write_text(f"from {module} import {function}\n\n{function}()\n")
    sandbox = Sandbox(folder / "sandbox")
    sandbox.up()
    try:
        environment = sandbox.environment()
        settings = EngineSettings(
            command=command,
            backend_url=(folder / "state").as_uri(),
            secrets_provider="passphrase",
            passphrase_file=ensure_passphrase(folder / "secrets" / "passphrase"),
            pulumi_home=folder / "pulumi",
            runs=folder / "runs",
            environment=environment,
            stack_config={"aws:s3UsePathStyle": "true"},
            attach={"aws": "infra.sandbox.aws.server:serve_in_process"},
        )
        ref = StackRef(project=Project(name="components", folder=project), stack="live")
        with Engine(settings) as engine:
            stack = Live(engine, ref, environment)
            ensure_roles(stack.client("iam"), PLATFORM.provisioning.trusted_principals)
            yield stack
    finally:
        sandbox.down()
