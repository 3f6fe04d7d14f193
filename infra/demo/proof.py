"""The proof over what the demo has deployed, and over a copy of it with one mistake, which is deployed nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rich.text import Text

from infra import naming
from infra.cli.output import out
from infra.operations.estate_files import Given
from infra.operations.projects import tenant_stack
from infra.operations.proving import Estate, prove_estate
from infra.proof.rendering import Line, as_lines, finding_lines
from infra.proof.report import Claim, Report, Verdict
from infra.settings import Settings
from infra.spec import PlatformSpec, TenantSpec

_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
#: The statement that the mistake is made in, and whose role has it.
_STATEMENT = "WriteLogsOfOwnEndpoints"
_ROLE = "serving"


def show_proof(settings: Settings, platform: PlatformSpec, tenant: TenantSpec) -> bool:
    """Prove the estate, and the copy in which a role of a tenant may write to more log groups than its own.

    Args:
        settings: Where the stacks are.
        platform: The platform's spec.
        tenant: The tenant in whose copy the mistake is.

    Returns:
        Whether the estate is proven, and the mistake is found.
    """
    estate = Estate.read(settings)
    sound = prove_estate(estate)
    out.print()
    out.print("[bold]Over every request and every chain of roles, not only what was tried[/]")
    lines = list(as_lines(sound))
    if sound.verdict is not Verdict.PROVED:
        _print(*lines)
        return False
    _print(lines[0])
    out.print(f"{len(estate.controls)} requests that the specs promise are allowed. More: .venv/bin/bulkhead prove")
    leak = _leak(prove_estate(with_mistake(estate, platform, tenant)), tenant)
    out.print()
    out.print(f"In a copy, deployed nowhere, where a * of {tenant.id}'s {_ROLE} role comes too early:", markup=False)
    if leak is not None:
        _print(*leak)
    return leak is not None


def with_mistake(estate: Estate, platform: PlatformSpec, tenant: TenantSpec) -> Estate:
    """The estate, but that the names which a statement ends after the tenant's id end before it.

    Args:
        estate: The estate.
        platform: The platform's spec.
        tenant: The tenant that has the statement.
    """
    own = naming.names_of(platform, tenant)
    wide = own.replace(f"{tenant.id}-", "")
    stack = str(tenant_stack(tenant.id))

    def changed(one: Given) -> Given:
        export = json.loads(one.input.read())
        for resource in export["deployment"]["resources"]:
            if resource["type"] == _ROLE_POLICY and resource["outputs"]["role"] == naming.role(platform, tenant, _ROLE):
                resource["outputs"]["policy"] = _widened(resource["outputs"]["policy"], own, wide)
        return replace(one, content=json.dumps(export).encode())

    return replace(estate, given=tuple(changed(one) if one.stack == stack else one for one in estate.given))


def _widened(policy: str, own: str, wide: str) -> str:
    document: dict[str, Any] = json.loads(policy)
    document["Statement"] = [
        json.loads(json.dumps(statement).replace(own, wide)) if _is_it(statement) else statement
        for statement in document["Statement"]
    ]
    return json.dumps(document)


def _is_it(statement: Mapping[str, Any]) -> bool:
    return statement.get("Sid") == _STATEMENT


def _leak(report: Report, tenant: TenantSpec) -> list[Line] | None:
    """The first leak from the tenant, as its lines."""
    for one in report.findings:
        if (one.verdict, one.claim, one.from_) == (Verdict.LEAK, Claim.ISOLATION, tenant.id):
            return [Line(f"Leak: {one.from_} → {one.to}", "bold red"), *finding_lines(one)]
    return None


def _print(*lines: Line) -> None:
    for line in lines:
        out.print(Text(line.text, style=line.style))
