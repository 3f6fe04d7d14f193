"""Preview, bring up and destroy stacks: checked first, then run side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from infra.engine import Operation, StackEvent, StackRef, StackResult
from infra.errors import UserError
from infra.operations import preflight
from infra.operations.projects import PLATFORM_STACK, resolve, tenant_stack
from infra.operations.workspace import Workspace
from infra.spec import Estate, TenantSpec

OnEvent = Callable[[StackEvent], None]

#: The stack configuration value that leaves out the served models, for a tenant whose artifacts are not uploaded yet.
MODELS_CONFIG = "bulkhead:models"


def require_names(names: Sequence[str], *, every_tenant: bool) -> None:
    """Raise a `UserError` unless there are either names or `every_tenant`."""
    if every_tenant == bool(names):
        raise UserError("which stacks?", remedy="name them (platform, acme ...) or give --all for every tenant")


def select(workspace: Workspace, names: Sequence[str], *, every_tenant: bool) -> list[StackRef]:
    """The stacks that a command works on: those named, or with `every_tenant` one for each spec.

    Raises:
        UserError: an unknown name, or neither names nor `every_tenant`.
    """
    require_names(names, every_tenant=every_tenant)
    if every_tenant:
        return [tenant_stack(tenant_id) for tenant_id in sorted(workspace.estate.tenants)]
    return resolve(names, workspace.estate, workspace.deployed_tenants())


def apply(
    workspace: Workspace,
    stacks: Sequence[StackRef],
    operation: Operation,
    *,
    models: bool = True,
    on_event: OnEvent | None = None,
    events: Mapping[StackRef, Path] | None = None,
) -> list[StackResult]:
    """Preview or bring up stacks. The platform, where it is among them, runs before the tenants.

    Args:
        workspace: The specs, cloud and engine.
        stacks: What to run.
        operation: `Operation.PREVIEW` or `Operation.UP`.
        models: False leaves out the served models of tenants that do not serve any yet.
        on_event: Is told of progress.
        events: By stack, the file that gets the engine's events.

    Raises:
        UserError: nothing was changed; says what to mend.
    """
    tenants = [stack for stack in stacks if stack != PLATFORM_STACK]
    deployed = workspace.deployed_tenants()
    preflight.require_specs(workspace.estate, deployed, str(workspace.settings.specs))
    specs = [workspace.estate.tenants[stack.stack] for stack in tenants]
    if tenants:
        if PLATFORM_STACK not in stacks:
            preflight.require_platform(workspace.platform_deployed())
        if models:
            s3 = workspace.cloud.client("s3", workspace.cloud.provisioning_session())
            preflight.require_artifacts(workspace.estate.platform, specs, s3)
        else:
            _refuse_to_drop_endpoints(workspace, [spec for spec in specs if spec.id in deployed])
    results: list[StackResult] = []
    if PLATFORM_STACK in stacks:
        results.extend(_run(workspace, [PLATFORM_STACK], operation, {}, on_event, events))
        if results[0].outcome != "succeeded":
            return results
    config = {} if models else {MODELS_CONFIG: "false"}
    return results + _run(workspace, tenants, operation, config, on_event, events)


def _run(
    workspace: Workspace,
    stacks: Sequence[StackRef],
    operation: Operation,
    config: Mapping[str, str],
    on_event: OnEvent | None,
    events: Mapping[StackRef, Path] | None,
) -> list[StackResult]:
    """Run stacks side by side; with the policy pack, an update of those only whose preview it lets pass.

    In an update Pulumi asks a pack about the stack as a whole at its end, when all is deployed. Source: Pulumi
    documentation, "Policy as code", Stack policies.
    """

    def run_as(asked: Operation, those: Sequence[StackRef]) -> list[StackResult]:
        return workspace.engine.run_many(
            those,
            asked,
            parallel=workspace.settings.parallel,
            on_event=on_event,
            config=config,
            events={stack: path for stack, path in (events or {}).items() if stack in those},
        )

    if operation is not Operation.UP or not workspace.settings.policy_pack:
        return run_as(operation, stacks)
    refused = [one for one in run_as(Operation.PREVIEW, stacks) if one.outcome != "succeeded"]
    held = {one.ref for one in refused}
    return refused + run_as(operation, [stack for stack in stacks if stack not in held])


def _refuse_to_drop_endpoints(workspace: Workspace, specs: Sequence[TenantSpec]) -> None:
    for spec in specs:
        kinds = {resource["type"] for resource in resources(workspace, tenant_stack(spec.id))}
        if "aws:sagemaker/endpoint:Endpoint" in kinds:
            raise UserError(
                f"{spec.id} already serves models, and --no-models would delete their endpoints",
                remedy=f"leave the option out, or remove the models from {spec.id}.yaml",
                where=str(workspace.estate.tenant_files[spec.id]),
            )


def destroy(workspace: Workspace, stacks: Sequence[StackRef], *, on_event: OnEvent | None = None) -> list[StackResult]:
    """Delete everything of the stacks, tenants first, and forget the stacks that came out empty.

    A tenant is refused while its spec prevents deletion. Where the spec allows what the deployed state still protects,
    the spec is applied first.

    Raises:
        UserError: nothing was changed; says what stands against it.
    """
    require_deletion_allowed(workspace, stacks)
    deployed = workspace.deployed_tenants()
    if PLATFORM_STACK in stacks and (left := sorted(set(deployed) - {stack.stack for stack in stacks})):
        raise UserError(
            f"the platform still carries {', '.join(left)}",
            remedy=f"destroy the tenants first: bulkhead destroy {' '.join(left)}",
        )
    tenants = [stack for stack in stacks if stack != PLATFORM_STACK and stack.stack in deployed]
    protected = [
        stack for stack in tenants if stack.stack in workspace.estate.tenants and is_protected(workspace, stack)
    ]
    # The served models go first, as they are: what deploys them anew may be missing by now.
    results = workspace.engine.run_many(
        protected,
        Operation.UP,
        parallel=workspace.settings.parallel,
        on_event=on_event,
        config={MODELS_CONFIG: "false"},
    )
    failed = [result for result in results if result.outcome != "succeeded"]
    if failed:
        return failed
    results = workspace.engine.run_many(
        tenants, Operation.DESTROY, parallel=workspace.settings.parallel, on_event=on_event
    )
    wanted = PLATFORM_STACK in stacks and workspace.platform_deployed()
    if wanted and all(result.outcome == "succeeded" for result in results):
        results.append(_destroy_platform(workspace, on_event))
    for result in results:
        if result.outcome == "succeeded":
            workspace.engine.remove(result.ref)
    return results


def _destroy_platform(workspace: Workspace, on_event: OnEvent | None) -> StackResult:
    if is_protected(workspace, PLATFORM_STACK):
        opened = workspace.engine.run(PLATFORM_STACK, Operation.UP, on_event=on_event)
        if opened.outcome != "succeeded":
            return opened
    return workspace.engine.run(PLATFORM_STACK, Operation.DESTROY, on_event=on_event)


def require_deletion_allowed(workspace: Workspace, stacks: Sequence[StackRef]) -> None:
    """Raise a `UserError` for the first stack whose spec prevents its deletion."""
    for stack in stacks:
        _require_deletion_allowed(workspace.estate, stack)


def _require_deletion_allowed(estate: Estate, stack: StackRef) -> None:
    if stack == PLATFORM_STACK:
        prevented, file, key = estate.platform.prevent_deletion, estate.platform_file, "prevent_deletion"
    elif stack.stack in estate.tenants:
        spec = estate.tenants[stack.stack]
        prevented, file, key = (
            spec.lifecycle.prevent_deletion,
            estate.tenant_files[spec.id],
            "lifecycle.prevent_deletion",
        )
    else:
        return
    if prevented:
        raise UserError(
            f"{stack.stack} is protected: {key} is true",
            remedy=f"set {key} to false there, have it reviewed, then run: bulkhead destroy {stack.stack}",
            where=str(file),
        )


def is_protected(workspace: Workspace, stack: StackRef) -> bool:
    """Whether anything in a stack's state is protected from deletion."""
    return any(resource.get("protect") for resource in resources(workspace, stack))


def resources(workspace: Workspace, stack: StackRef) -> list[dict[str, Any]]:
    """The resources in a stack's state, as the engine exports them."""
    return cast("list[dict[str, Any]]", workspace.engine.export(stack)["deployment"].get("resources") or [])
