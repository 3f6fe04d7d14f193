"""A land of its own for tests: an embedded cloud, a platform and tenants, run by the real programs and engine."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from infra import naming
from infra.aws_finder import AwsFinder
from infra.engine import Engine, Operation, ResourceChange, StackRef, StackResult
from infra.operations.ci_token import ci_token
from infra.operations.cloud import CloudAccess, connect
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.tenant_sessions import deploy_session
from infra.operations.workspace import engine_settings
from infra.sandbox import Sandbox
from infra.sandbox.account import ensure_roles
from infra.sandbox.token_issuer import issuer_key
from infra.settings import ROOT, Settings
from infra.spec import Estate, load_estate
from tenant_stacks.outputs import TenantOutputs

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


#: The role of the workers: the one that the demo's platform trusts with provisioning.
WORKERS = "arn:aws:iam::123456789012:role/bulkhead-ci"


@dataclass(frozen=True)
class Land:
    """A running cloud and the specs of what is to be in it.

    Args:
        settings: Where its state and specs are.
        cloud: Access to its cloud.
        engine: Runs its stacks.
        modelless: Runs tenants without their models.
    """

    settings: Settings
    cloud: CloudAccess
    engine: Engine
    modelless: Engine

    @property
    def estate(self) -> Estate:
        """The specs as they are now."""
        return load_estate(self.settings.platform_spec, self.settings.specs)

    def client(self, service: str) -> Any:
        """A boto3 client of the cloud, with the account's own key."""
        make = cast("Callable[..., Any]", self.cloud.session().client)
        return make(service, endpoint_url=self.cloud.endpoint_url)

    def finder(self, ref: StackRef) -> AwsFinder:
        """The finder of a stack's resources, with the credentials that run the stack."""
        session = self.cloud.session() if ref == PLATFORM_STACK else self.cloud.provisioning_session()
        return AwsFinder(session, self.cloud.endpoint_url)

    def spec(self, tenant_id: str) -> Path:
        """The tenant's spec, to be edited."""
        return self.settings.specs / f"{tenant_id}.yaml"

    def upload(self, tenant_id: str, model: str, content: bytes) -> str:
        """Put a model's artifact into its tenant's bucket, as its CI does, and return its SHA-256 in hex."""
        estate = self.estate
        tenant = estate.tenants[tenant_id]
        (key,) = (known.artifact.key for known in tenant.models if known.name == model)
        digest = hashlib.sha256(content)
        token = ci_token(tenant, issuer_key(self.settings.home / "sandbox"))
        s3: S3Client = self.cloud.client("s3", deploy_session(self.cloud, estate.platform, tenant, token))
        s3.put_object(
            Bucket=naming.bucket(estate.platform, tenant, "models"),
            Key=key,
            Body=content,
            ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
            Metadata={"bulkhead-sha256": digest.hexdigest()},
        )
        return digest.hexdigest()

    def run(self, ref: StackRef | str, operation: Operation) -> StackResult:
        """Run an operation on a stack, or on a tenant's by its id."""
        return self.engine.run(tenant_stack(ref) if isinstance(ref, str) else ref, operation)

    def run_without_models(self, tenant_id: str) -> StackResult:
        """Bring a tenant up without its models."""
        return self.modelless.run(tenant_stack(tenant_id), Operation.UP)

    def outputs(self, tenant_id: str) -> TenantOutputs:
        """The outputs of a tenant's stack."""
        return TenantOutputs.model_validate(self.engine.outputs(tenant_stack(tenant_id)))

    def resources(self, ref: StackRef) -> list[Mapping[str, Any]]:
        """The AWS resources in a stack's state."""
        resources = self.engine.export(ref)["deployment"]["resources"]
        return [resource for resource in resources if resource["type"].startswith("aws:")]


def settle(folder: Path, command: Path) -> tuple[Land, Sandbox]:
    """Start an empty cloud in a folder, with copies of the demo's specs; its workers verify tenants.

    Args:
        folder: Holds all of it.
        command: The Pulumi engine.
    """
    specs = folder / "specs"
    specs.mkdir()
    for file in (ROOT / "tenant_stacks" / "specs").glob("*.yaml"):
        (specs / file.name).write_text(file.read_text())
    platform = folder / "platform.yaml"
    verification = f"verification: {{worker_role_arn: {WORKERS}}}"
    platform.write_text(f"{(ROOT / 'stacks' / 'platform.yaml').read_text()}\n{verification}\n")
    settings = Settings(home=folder / "home", platform_spec=platform, specs=specs)
    sandbox = Sandbox(settings.home / "sandbox")
    sandbox.up()
    cloud = connect(settings, load_estate(platform, specs).platform)
    run_by = engine_settings(settings, command, cloud)
    without = dataclasses.replace(run_by, stack_config={"bulkhead:models": "false"})
    land = Land(settings, cloud, Engine(run_by), Engine(without))
    ensure_roles(land.client("iam"), land.estate.platform.provisioning.trusted_principals)
    return land, sandbox


def succeeded(result: StackResult) -> StackResult:
    """The result, if the run succeeded."""
    assert result.outcome == "succeeded", "\n".join(
        [f"{result.ref} {result.operation}: {result.error}", *(d.message for d in result.diagnostics)]
    )
    return result


def steps(result: StackResult) -> set[tuple[str, str]]:
    """What a run does, as pairs of the engine's step and the resource's type: ``("update", "sagemaker:Endpoint")``."""
    return {(change.op, kind(change)) for change in result.changes if change.op != "read"}


def kind(change: ResourceChange) -> str:
    """``sagemaker:Endpoint`` for ``aws:sagemaker/endpoint:Endpoint``."""
    package, module, name = change.type.split(":")
    return f"{module.partition('/')[0]}:{name}" if package == "aws" else name
