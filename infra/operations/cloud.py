"""The cloud that the stacks go to: the embedded one, or the AWS account that the environment's credentials name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import boto3

from infra.errors import UserError
from infra.sandbox import Sandbox
from infra.settings import Settings

#: What runs against AWS are given of the caller's environment besides what every process inherits: the credentials of
#: the account and of the state backend.
_CREDENTIALS = ("AWS_", "AZURE_", "GOOGLE_", "PULUMI_ACCESS_TOKEN")

#: Names the sandbox that the stacks in the local backend were made in.
INSTANCE_FILE = "sandbox-instance"


@dataclass(frozen=True, kw_only=True)
class CloudAccess:
    """How programs, plugins and boto3 reach the cloud."""

    environment: Mapping[str, str]
    region: str
    attach: Mapping[str, str] = field(default_factory=dict[str, str])
    preload: tuple[str, ...] = ()

    def client(self, service: str, session: boto3.Session | None = None) -> Any:
        """A boto3 client of this cloud.

        Args:
            service: boto3's name of the service.
            session: Whose credentials it has; by default the provisioning credentials.
        """
        make = cast("Callable[..., Any]", (session or self.session()).client)
        return make(service, endpoint_url=self.endpoint_url)

    def session(self) -> boto3.Session:
        """The provisioning credentials."""
        return boto3.Session(
            aws_access_key_id=self.environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.environment.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=self.environment.get("AWS_SESSION_TOKEN"),
            region_name=self.region,
        )

    @property
    def endpoint_url(self) -> str | None:
        """The sandbox's address; None for AWS."""
        return self.environment.get("AWS_ENDPOINT_URL")


def connect(settings: Settings, region: str) -> CloudAccess:
    """Access to the configured cloud.

    Args:
        settings: Which cloud.
        region: The Region of the platform.

    Raises:
        UserError: the sandbox is not running, or is not the one that the stacks were made in.
    """
    base = {"BULKHEAD_PLATFORM_SPEC": str(settings.platform_spec), "BULKHEAD_SPECS": str(settings.specs)}
    if settings.cloud == "aws":
        caller = {name: value for name, value in os.environ.items() if name.startswith(_CREDENTIALS)}
        return CloudAccess(environment={**base, **caller}, region=region)
    sandbox = Sandbox(settings.home / "sandbox")
    status = sandbox.status()
    if not status.healthy or status.instance is None:
        raise UserError("the sandbox is not running", remedy="start it with: bulkhead sandbox up")
    _check_instance(settings, status.instance)
    offline = settings.provider == "offline"
    return CloudAccess(
        environment={**base, **sandbox.environment()},
        region=region,
        attach={"aws": "infra.sandbox.aws.server:serve_in_process"} if offline else {},
        preload=("infra.sandbox.aws.warm:load_models",) if offline else (),
    )


def _check_instance(settings: Settings, instance: str) -> None:
    """Refuse to run stacks against another sandbox than the one that their state describes."""
    record = settings.home / INSTANCE_FILE
    if record.exists() and record.read_text().strip() != instance and _has_stacks(settings):
        raise UserError(
            "the sandbox's cloud is empty, but there is state of stacks that were made in an earlier one",
            remedy="forget that state with: bulkhead sandbox reset",
            where=str(settings.home),
        )
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    record.write_text(instance + "\n")


def _has_stacks(settings: Settings) -> bool:
    return settings.backend is None and any(local_stacks(settings))


def local_stacks(settings: Settings) -> list[Path]:
    """The state files of the local backend."""
    return sorted((settings.home / "state" / ".pulumi" / "stacks").glob("*/*.json"))
