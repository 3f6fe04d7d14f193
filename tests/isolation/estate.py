"""The estate that is attacked: four tenants, brought up by the real engine in an embedded cloud that enforces.

- ``acme`` (pool) and ``acmeeu`` (pool), whose id extends acme's; ``globex`` (silo): all three serve models.
- ``initech`` (pool), suspended after somebody of it had signed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from infra import naming
from infra.demo.artifacts import upload_missing
from infra.engine import Operation, StackRef
from infra.naming import TenantRoleKind
from infra.operations import run
from infra.operations.ci_token import ci_token
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.workspace import Workspace
from infra.sandbox.token_issuer import issuer_key
from infra.settings import ROOT, Settings
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from tests.isolation.cloud import Credentials, Door
from tests.isolation.deployed import Deployed
from tests.isolation.inventory import Inventory
from tests.own_cloud import start

#: The roles of its tenants: its platform has a SAML provider, and names nobody who runs smoke tests.
ROLES: tuple[TenantRoleKind, ...] = tuple(kind for kind in get_args(TenantRoleKind) if kind != "verification")

SERVING = ("acme", "acmeeu", "globex")
SUSPENDED = "initech"
TENANTS = (*SERVING, SUSPENDED)

#: IAM takes metadata of 1,000 characters or more.
_SAML_METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">'
    f"<!--{'x' * 1000}--></EntityDescriptor>"
)


@dataclass(frozen=True, eq=False)
class Estate:
    """The deployed estate.

    Args:
        platform: The platform's spec.
        tenants: The tenants' specs by id.
        door: The ways into its cloud.
        inventory: What is deployed.
        deployed: Its policies.
        stale: Credentials of initech's CI, from before it was suspended.
    """

    platform: PlatformSpec
    tenants: Mapping[str, TenantSpec]
    door: Door
    inventory: Inventory
    deployed: Deployed
    stale: Credentials


def settle(folder: Path) -> Estate:
    """Bring everything up in a folder, which is the home of its sandbox too; `Sandbox.down` ends it.

    Args:
        folder: An empty folder.
    """
    settings = _specs(folder)
    sandbox = start(settings.home / "sandbox", "tests.isolation.side_door")
    url = sandbox.status().endpoint_url
    assert url is not None
    with Workspace(settings) as workspace:
        door = Door(settings.home / "sandbox", url, workspace.estate.platform.region)
        _up(workspace, [PLATFORM_STACK])
        _up(workspace, [tenant_stack(tenant) for tenant in TENANTS], models=False)
        list(upload_missing(workspace, SERVING))
        stale = ci(door, workspace.estate.platform, workspace.estate.tenants[SUSPENDED])
        _suspend(settings.specs / f"{SUSPENDED}.yaml")
    with Workspace(settings) as workspace:
        _up(workspace, [tenant_stack(tenant) for tenant in TENANTS])
        stacks = {naming.PLATFORM: PLATFORM_STACK, **{tenant: tenant_stack(tenant) for tenant in TENANTS}}
        records = {
            owner: tuple(
                each
                for each in workspace.engine.export(stack)["deployment"]["resources"]
                if each["type"].startswith("aws:")
            )
            for owner, stack in stacks.items()
        }
        specs = workspace.estate
    inventory = Inventory(specs.platform, records)
    return Estate(specs.platform, specs.tenants, door, inventory, Deployed(inventory), stale)


def ci(door: Door, platform: PlatformSpec, tenant: TenantSpec, role_of: TenantSpec | None = None) -> Credentials:
    """A tenant's CI, as the deploy role of its own or of another tenant.

    Args:
        door: The ways into the cloud.
        platform: The platform's spec.
        tenant: Whose CI job it is.
        role_of: Whose role it asks for; its own by default.
    """
    token = ci_token(tenant, issuer_key(door.home))
    return door.by_token(naming.role_arn(platform, role_of or tenant, "deploy"), token)


def _up(workspace: Workspace, stacks: list[StackRef], *, models: bool = True) -> None:
    for result in run.apply(workspace, stacks, Operation.UP, models=models):
        assert result.outcome == "succeeded", "\n".join(
            [f"{result.ref}: {result.error}", *(each.message for each in result.diagnostics)]
        )


def _specs(folder: Path) -> Settings:
    specs = folder / "specs"
    shutil.copytree(ROOT / "tenant_stacks" / "specs", specs)
    acme = (specs / "acme.yaml").read_text()
    extended = _changed(acme, {"acme": "acmeeu", "10.64.0.0/24": "10.64.1.0/24"})
    (specs / "acmeeu.yaml").write_text(extended)
    without_models = acme[: acme.index("models:")] + acme[acme.index("lifecycle:") :]
    suspended = _changed(without_models, {"acme": SUSPENDED, "10.64.0.0/24": "10.64.2.0/24"})
    (specs / f"{SUSPENDED}.yaml").write_text(suspended)
    (folder / "saml.xml").write_text(_SAML_METADATA)
    platform = (ROOT / "stacks" / "platform.yaml").read_text()
    (folder / "platform.yaml").write_text(f"{platform}\nfederation: {{saml_metadata: saml.xml}}\n")
    return Settings(home=folder / "home", specs=specs, platform_spec=folder / "platform.yaml")


def _suspend(spec: Path) -> None:
    spec.write_text(_changed(spec.read_text(), {"state: active": "state: suspended"}))


def _changed(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"{old!r} is not in the spec"
        text = text.replace(old, new)
    return text
