"""From the name of a stack to the tenant that it is, and what its configuration says."""

from __future__ import annotations

import pulumi

from infra.errors import UserError
from infra.spec import Estate, TenantSpec, current_estate
from infra.spec.move import read_move
from stacks.program import platform_file, specs_folder, tenants_run_as
from tenant_stacks.catalogue import read_platform_outputs
from tenant_stacks.tenant import build_tenant


def run() -> None:
    """Build the tenant whose id is the stack's name.

    With the stack configuration ``bulkhead:models=false`` its models are not served: for a tenant whose artifacts are
    not uploaded yet, because its buckets do not exist. With ``bulkhead:move`` it is on its way from one tier to
    the other (`infra.spec.move`).

    Raises:
        UserError: a spec is wrong or missing, or the platform is not ready.
    """
    loaded = estate()
    tenant = tenant_of_stack(loaded, pulumi.get_stack())
    config = pulumi.Config("bulkhead")
    move = read_move(config.get("move"))
    build_tenant(
        loaded.platform,
        tenant,
        read_platform_outputs(),
        serve=config.get_bool("models") is not False,
        run_as=tenants_run_as(),
        move=move,
    )


def estate() -> Estate:
    """The specs; read once a process as long as no file changes, as one warm process starts many tenants.

    Raises:
        SpecErrors: all that is wrong with them.
    """
    return current_estate(platform_file(), specs_folder())


def tenant_of_stack(estate: Estate, stack: str) -> TenantSpec:
    """The tenant whose stack this is.

    Raises:
        UserError: there is no spec of that name; names the file that is missing.
    """
    if stack not in estate.tenants:
        missing = specs_folder() / f"{stack}.yaml"
        raise UserError(
            f"there is no tenant {stack!r}",
            remedy=f"write its spec, or select the stack of one of: {', '.join(estate.tenants) or 'none'}",
            where=str(missing),
        )
    return estate.tenants[stack]
