"""The cloud that the stacks go to: the embedded one, or the AWS account that the environment's credentials name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    ContainerProvider,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError, ClientError

from infra import naming
from infra.aws_models import core_session
from infra.engine.private_files import write_private
from infra.errors import UserError
from infra.sandbox import Sandbox
from infra.sandbox.account import ACCOUNT, entry_role
from infra.settings import Settings
from infra.spec import PlatformSpec

#: What runs against AWS are given of the caller's environment besides what every process inherits: the credentials of
#: the account and of the state backend.
_CREDENTIALS = ("AWS_", "AZURE_", "GOOGLE_", "PULUMI_ACCESS_TOKEN")

#: Names the sandbox that the stacks in the local backend were made in.
INSTANCE_FILE = "sandbox-instance"


@dataclass(frozen=True, kw_only=True)
class CloudAccess:
    """How programs, plugins and boto3 reach the cloud.

    Args:
        environment: What they see of it: its address and the credentials.
        region: The platform's Region.
        tenants_run_as: ARNs of the roles, one assumed by the other, by which tenants' stacks are run; empty where the
            credentials are the provisioning role's already.
        attach: As for `infra.engine.EngineSettings`.
        preload: Likewise.
        sandbox: The embedded cloud, if it is that one.
    """

    environment: Mapping[str, str]
    region: str
    tenants_run_as: tuple[str, ...] = ()
    attach: Mapping[str, str] = field(default_factory=dict[str, str])
    preload: tuple[str, ...] = ()
    sandbox: Sandbox | None = None

    def client(self, service: str, session: boto3.Session | None = None, config: Config | None = None) -> Any:
        """A boto3 client of this cloud.

        Args:
            service: boto3's name of the service.
            session: Whose credentials it has; by default those of the environment.
            config: Timeouts and retries; by default botocore's.
        """
        make = cast("Callable[..., Any]", (session or self.session()).client)
        return make(service, endpoint_url=self.endpoint_url, config=config)

    def session(self) -> boto3.Session:
        """The credentials of the environment: in the embedded cloud, the account's own."""
        return boto3.Session(
            botocore_session=core_session(),
            aws_access_key_id=self.environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.environment.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=self.environment.get("AWS_SESSION_TOKEN"),
            region_name=self.region,
        )

    def provisioning_session(self) -> boto3.Session:
        """The credentials by which tenants' stacks are run, which are obtained when they are first used."""
        session = self.session()
        for arn in self.tenants_run_as:
            session = self._assumed(session, arn)
        return session

    def trusting_session(self, role_arn: str) -> boto3.Session:
        """The credentials of a role that trusts whom the platform trusts with provisioning.

        Args:
            role_arn: The role.
        """
        session = self.session()
        for arn in self.tenants_run_as[:-1]:
            session = self._assumed(session, arn)
        return self._assumed(session, role_arn)

    def worker_session(self, role_arn: str) -> boto3.Session:
        """The credentials under which the service's workers run: at AWS those of the environment.

        Args:
            role_arn: The workers' role, which the account's own key assumes in the embedded cloud.
        """
        session = self.session()
        return session if self.sandbox is None else self._assumed(session, role_arn)

    def reading_session(self, role_arn: str, policy: str) -> boto3.Session:
        """The credentials of a role that are held to what a policy allows, obtained when they are first used.

        Args:
            role_arn: The role; in the embedded cloud that by which tenants' stacks are run is reached by those before.
            policy: The session policy.
        """
        session = self.session()
        for arn in self.tenants_run_as:
            if arn != role_arn:
                session = self._assumed(session, arn)
        return self._assumed(session, role_arn, Policy=policy)

    def workload_session(self, role_arn: str, workload_arn: str) -> boto3.Session:
        """The credentials of code that the embedded cloud would run: an ECS task, a SageMaker job, a Lambda function.

        Args:
            role_arn: The role, which must trust the workload's service.
            workload_arn: The task, job or function.

        Raises:
            UserError: the cloud is AWS, which hands such credentials to the workload itself.
        """
        if self.sandbox is None:
            raise UserError(
                f"AWS hands the credentials of {role_arn} to its workload only", remedy="run this in the embedded cloud"
            )
        provider = ContainerProvider(environ=self.sandbox.workload_environment(role_arn, workload_arn))
        return self._session_of(provider)

    def _assumed(self, source: boto3.Session, arn: str, **arguments: str) -> boto3.Session:
        def client(service: str, **credentials: Any) -> Any:
            make = cast("Callable[..., Any]", source.client)
            return make(service, endpoint_url=self.endpoint_url, **credentials)

        fetcher = AssumeRoleCredentialFetcher(
            client, source.get_credentials(), arn, extra_args={"RoleSessionName": "bulkhead", **arguments}
        )
        return self._session_of(_AssumedRole(fetcher))

    def _session_of(self, provider: CredentialProvider) -> boto3.Session:
        core = core_session()
        core.register_component("credential_provider", CredentialResolver([provider]))
        return boto3.Session(botocore_session=core, region_name=self.region)

    @property
    def endpoint_url(self) -> str | None:
        """The sandbox's address; None for AWS."""
        return self.environment.get("AWS_ENDPOINT_URL")


class _AssumedRole(CredentialProvider):
    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(refresh_using=self._fetcher.fetch_credentials, method=self.METHOD)


def connect(settings: Settings, platform: PlatformSpec) -> CloudAccess:
    """Access to the configured cloud.

    Tenants' stacks run as the platform's provisioning role, where their configuration (``aws:assumeRoles``) names no
    other. Against AWS whoever is trusted with that role assumes it, for example a worker of the service; other
    credentials are taken as they are. In the embedded cloud its first trusted principal assumes it, so that every run
    tests what that role may do.

    Args:
        settings: Which cloud.
        platform: The platform's spec.

    Raises:
        UserError: the sandbox is not running, is not the one that the stacks were made in, or has none of the
            principals that the platform trusts with provisioning.
    """
    region = platform.region
    base = {"BULKHEAD_PLATFORM_SPEC": str(settings.platform_spec), "BULKHEAD_SPECS": str(settings.specs)}
    if settings.cloud == "aws":
        at_aws = CloudAccess(environment={**base, **caller_credentials(settings)}, region=region)
        return replace(at_aws, **_trusted_by(platform, at_aws))
    sandbox = Sandbox(settings.home / "sandbox")
    status = sandbox.status()
    if not status.healthy or status.instance is None:
        raise UserError("the sandbox is not running", remedy="start it with: bulkhead sandbox up")
    _check_instance(settings, status.instance)
    offline = settings.provider == "offline"
    run_as = _tenants_run_as(platform)
    return CloudAccess(
        environment={**base, **sandbox.environment(), "BULKHEAD_TENANTS_RUN_AS": " ".join(run_as)},
        region=region,
        tenants_run_as=run_as,
        sandbox=sandbox,
        attach={"aws": "infra.sandbox.aws.server:serve_in_process"} if offline else {},
        preload=("infra.sandbox.aws.warm:load_models",) if offline else (),
    )


def caller_credentials(settings: Settings) -> dict[str, str]:
    """The variables of this process with the credentials of the account and of the state backend.

    Args:
        settings: Which cloud; the embedded one has credentials of its own.
    """
    if settings.cloud != "aws":
        return {}
    return {name: value for name, value in os.environ.items() if name.startswith(_CREDENTIALS)}


def _trusted_by(platform: PlatformSpec, at_aws: CloudAccess) -> dict[str, Any]:
    """What tenants' stacks are run by besides the credentials, where those are of whom the platform trusts with it."""
    once = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 2})
    try:
        caller = at_aws.client("sts", config=once).get_caller_identity()["Arn"]
    except (BotoCoreError, ClientError):
        return {}  # Who needs the credentials is told what is wrong with them.
    if not any(_is_session_of(caller, arn) for arn in platform.provisioning.trusted_principals):
        return {}
    provisioning = naming.platform_role_arn(platform, "provisioning")
    run_as = {"BULKHEAD_TENANTS_RUN_AS": provisioning}
    return {"tenants_run_as": (provisioning,), "environment": {**at_aws.environment, **run_as}}


def _is_session_of(caller: str, principal: str) -> bool:
    """Whether a caller is a principal of IAM, or a session of it: that is named without the role's path.

    Source: IAM User Guide, "IAM identifiers" (ARNs of assumed-role sessions; a role's name is unique in its account).
    """
    account, name = principal.split(":")[4], principal.rpartition("/")[2]
    return caller == principal or caller.startswith(f"arn:aws:sts::{account}:assumed-role/{name}/")


def _tenants_run_as(platform: PlatformSpec) -> tuple[str, ...]:
    trusted = entry_role(platform.provisioning.trusted_principals)
    if trusted is None:
        raise UserError(
            f"the embedded cloud is account {ACCOUNT}, and the platform trusts no role of it with provisioning",
            remedy=f"name a role of it, for example arn:aws:iam::{ACCOUNT}:role/bulkhead-ci",
            where="the platform's spec, provisioning.trusted_principals",
        )
    return trusted, naming.platform_role_arn(platform, "provisioning")


def _check_instance(settings: Settings, instance: str) -> None:
    """Refuse to run stacks against another sandbox than the one that their state describes."""
    if is_state_of_an_earlier_cloud(settings, instance):
        raise UserError(
            "the sandbox's cloud is empty, but there is state of stacks that were made in an earlier one",
            remedy="forget that state with: bulkhead sandbox reset",
            where=str(settings.home),
        )
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = settings.home / INSTANCE_FILE
    if not record.exists() or record.read_text().strip() != instance:
        # As a whole: another operation may read it at the same time.
        write_private(record, instance + "\n")


def is_state_of_an_earlier_cloud(settings: Settings, instance: str) -> bool:
    """Whether the local state tells of stacks in another embedded cloud than this one, which ended with its process.

    Args:
        settings: The settings.
        instance: The uuid of the cloud that runs now.
    """
    record = settings.home / INSTANCE_FILE
    return record.exists() and record.read_text().strip() != instance and _has_stacks(settings)


def _has_stacks(settings: Settings) -> bool:
    return settings.backend is None and any(local_stacks(settings))


def local_stacks(settings: Settings) -> list[Path]:
    """The state files of the local backend."""
    return sorted((settings.home / "state" / ".pulumi" / "stacks").glob("*/*.json"))
