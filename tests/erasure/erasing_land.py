"""An embedded cloud that decides by policies, with the roles that erase, and steps run as the worker runs them."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import Engine as Store

from infra import naming
from infra.engine.private_files import private_folder
from infra.jobs.processes.pool import StepPool
from infra.lifecycle.progress import Condition
from infra.lifecycle.states import OperationKind, State
from infra.naming import TenantBucketKind
from infra.operations.erasing import account_of_one_tenant
from infra.policies import provisioning
from infra.policies.boundary import tenant_boundary
from infra.policies.bucket import tenant_bucket
from infra.policies.platform_boundary import platform_boundary
from infra.spec import load_tenant
from infra.store import changes, tenants
from infra.store.changes import Asked
from infra.store.database import open_store, sqlite_url, transaction
from tests.acceptance.land import Land
from tests.erasure.populated import PLATFORM, make_key

_TARGET = "tests.erasure.struck_steps:run"
_PRELOAD = ("tests.erasure.struck_steps", "infra.provisioning.steps.remove", "infra.provisioning.steps.certify")


@dataclass
class ErasingLand:
    """The cloud, the database, and the processes of steps.

    Args:
        land: The home.
        store: The service's database.
        pool: Runs steps.
    """

    land: Land
    store: Store
    pool: StepPool
    results: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def client(self, service: str) -> Any:
        """A client with the account's own key."""
        return self.land.client(service)

    def admit(self, tenant: str) -> str:
        """Keep an active tenant and its erasure; returns the operation's id."""
        now = datetime.now(UTC)
        with transaction(self.store) as connection:
            spec = json.dumps({"id": tenant, "owner": f"lead@{tenant}.example"})
            tenants.add(connection, tenant, spec, Condition(state=State.ACTIVE), now)
            asked = Asked(operation=f"erase-{tenant}", caller="ann", priority=100, now=now)
            changes.start(connection, tenant, OperationKind.ERASE, asked)
        return asked.operation

    def step(self, tenant: str, name: str, *, strike: int | None = None, **arguments: Any) -> Any:
        """Run one attempt at a step; returns its outcome, as `StepPool.run` does."""
        given: Mapping[str, Any] = {
            "export": False, "grace_seconds": 0, "window_days": 7, "requested_by": "ann@acme.example",
            **arguments, **({} if strike is None else {"strike": strike}),
        }  # fmt: skip
        call = {
            "operation": f"erase-{tenant}", "tenant": tenant, "step": name, "attempt": 1, "arguments": given,
            "results": self.results.setdefault(tenant, {}),
        }  # fmt: skip
        outcome = self.pool.run(_TARGET, call, 120.0, lambda _done, _total: None)
        if isinstance(outcome, dict):
            self.results[tenant][name] = outcome["result"]
        return outcome

    def suspended(self, tenant: str) -> None:
        """Make what an export meets of a tenant that is shut out: its boundary, key and buckets with an object each."""
        self.land.add(tenant, "10.64.8.0/24")
        self.land.edit(tenant, "state: active", "state: suspended")
        platform, spec = load_tenant(self.land.platform, self.land.specs / f"{tenant}.yaml")
        iam, s3 = self.client("iam"), self.client("s3")
        limit = tenant_boundary(platform, spec).render()
        path = naming.path(platform, spec)
        iam.create_policy(PolicyName=naming.boundary(platform, spec), Path=path, PolicyDocument=limit)
        key = make_key(spec, self.client)["key_arn"]
        by_key = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        for kind in get_args(TenantBucketKind):
            name = naming.bucket(platform, spec, kind)
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": platform.region})
            s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [by_key]})
            s3.put_object(Bucket=name, Key=f"{kind}/of/{tenant}", Body=kind.encode())
            policy = tenant_bucket(platform, spec, kind, key_arn=key, s3_endpoint_ids=["vpce-0"]).render()
            s3.put_bucket_policy(Bucket=name, Policy=policy)

    def held_to(self, tenant: str) -> Any:
        """The account as an erasure of the tenant reaches it."""
        with self.land.workspace() as workspace:
            return account_of_one_tenant(workspace.cloud, workspace.platform, tenant)


@contextlib.contextmanager
def erasing_land(folder: Path) -> Generator[ErasingLand]:
    """A cloud with the provisioning role as the platform's stack makes it, and nothing else.

    Args:
        folder: An empty folder.
    """
    land = Land(folder)
    with contextlib.ExitStack() as ending:
        ending.callback(land.sandbox.down)
        land.sandbox.up()
        held = os.open(folder / "held", os.O_RDWR | os.O_CREAT, 0o600)
        ending.callback(os.close, held)
        store = open_store(sqlite_url(private_folder(land.home / "service") / "service.sqlite"))
        ending.callback(store.dispose)
        pool = StepPool(land.environment(), _PRELOAD, held)
        ending.callback(pool.close)
        pool.warm()
        _make_provisioning_role(land.client("iam"))
        yield ErasingLand(land, store, pool)


def _make_provisioning_role(iam: Any) -> None:
    path = naming.path(PLATFORM)
    limit = iam.create_policy(
        PolicyName=naming.boundary(PLATFORM), Path=path, PolicyDocument=platform_boundary(PLATFORM).render()
    )
    role = naming.platform_role(PLATFORM, "provisioning")
    iam.create_role(
        RoleName=role, Path=path, AssumeRolePolicyDocument=provisioning.trust(PLATFORM).render(),
        PermissionsBoundary=limit["Policy"]["Arn"],
    )  # fmt: skip
    for subject, document in provisioning.policies(PLATFORM).items():
        policy = iam.create_policy(
            PolicyName=naming.provisioning_policy(PLATFORM, subject), Path=path, PolicyDocument=document.render()
        )
        iam.attach_role_policy(RoleName=role, PolicyArn=policy["Policy"]["Arn"])
