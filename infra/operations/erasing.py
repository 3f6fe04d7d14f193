"""What an erasure needs of the cloud and of the engine: credentials that reach one tenant, and the end of its stack."""

from __future__ import annotations

from infra import naming
from infra.engine import Operation, StackResult
from infra.engine.errors import ConcurrentUpdate
from infra.erasure.account import ErasableAccount
from infra.live import WayIn
from infra.operations.cloud import CloudAccess
from infra.operations.projects import tenant_stack
from infra.operations.run import OnEvent, is_protected, resources
from infra.operations.workspace import Workspace
from infra.policies.any_tenant import ANY
from infra.policies.erasing import of_one_tenant
from infra.spec import PlatformSpec, TenantSpec

#: So many reads run at the same time: AWS throttles accounts, and the embedded cloud is one process.
_CONNECTIONS = 8


def named(tenant_id: str) -> TenantSpec:
    """A tenant of whom nothing but the id is known: all names follow from it, whatever became of the spec.

    Args:
        tenant_id: The id; it was checked.
    """
    return ANY.model_copy(update={"id": tenant_id})


def account_of_one_tenant(cloud: CloudAccess, platform: PlatformSpec, tenant_id: str) -> ErasableAccount:
    """The account as it is for an erasure: the provisioning role, held to one tenant.

    Args:
        cloud: The cloud.
        platform: The platform's spec.
        tenant_id: Who is erased.
    """
    role = naming.platform_role_arn(platform, "provisioning")
    held = of_one_tenant(platform, named(tenant_id)).render()
    way = WayIn("the provisioning role, held to one tenant", cloud.reading_session(role, held))
    return ErasableAccount((way,), cloud.endpoint_url, connections=_CONNECTIONS)


def own_account(cloud: CloudAccess) -> ErasableAccount:
    """The account by the credentials of the service itself: for the backend of the state, and to sign.

    Args:
        cloud: The cloud.
    """
    way = WayIn("the credentials of the environment", cloud.session())
    return ErasableAccount((way,), cloud.endpoint_url, connections=_CONNECTIONS)


def destroy_for_erasure(workspace: Workspace, tenant_id: str, *, on_event: OnEvent | None = None) -> StackResult | None:
    """Destroy a tenant's stack, though its spec prevents deletion: whoever ordered the erasure has consented.

    The program does not run, so neither the spec nor another tenant's can stand in the way. Buckets and repositories
    must be empty: in the state they are what is not to be deleted with its content.

    Args:
        workspace: The cloud and the engine.
        tenant_id: Whose stack.
        on_event: Is told of progress.

    Returns:
        How the destroy ended; None where there is no stack.

    Raises:
        EngineError: Another run of the stack is alive, or the backend cannot be read.
    """
    ref = tenant_stack(tenant_id)
    if not workspace.engine.exists(ref):
        return None
    if is_protected(workspace, ref):
        try:
            workspace.engine.unprotect(ref)
        except ConcurrentUpdate:
            # The lock of a run that died: the guard refuses the destroy as a whole, and it recovers the stack before.
            workspace.engine.run(ref, Operation.DESTROY, on_event=on_event)
            workspace.engine.unprotect(ref)
    result = workspace.engine.run(ref, Operation.DESTROY, on_event=on_event)
    if result.outcome == "succeeded":
        workspace.engine.remove(ref)
    return result


def in_stack(workspace: Workspace, tenant_id: str) -> frozenset[str]:
    """What the engine will remove: the physical ids and ARNs in the state of a tenant's stack; none without one.

    Args:
        workspace: The engine.
        tenant_id: Whose stack.
    """
    ref = tenant_stack(tenant_id)
    if not workspace.engine.exists(ref):
        return frozenset()
    known = resources(workspace, ref)
    ids = {str(each["id"]) for each in known if each.get("id")}
    arns = {str(arn).removesuffix(":*") for each in known if (arn := each.get("outputs", {}).get("arn"))}
    return frozenset(ids | arns)


def forget_runs(workspace: Workspace, tenant_id: str) -> None:
    """Remove what this machine keeps of the runs of a tenant's stack, which is gone: files and logs bear its name.

    Args:
        workspace: The engine.
        tenant_id: Whose stack.

    Raises:
        EngineError: A run of the stack is alive.
    """
    workspace.engine.forget(tenant_stack(tenant_id))
