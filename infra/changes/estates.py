"""The specs as they were in a commit, and which tenants a change of the platform's spec means."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from infra.changes.git import Repository
from infra.spec import Estate, PlatformSpec, TenantSpec, load_estate
from infra.spec.errors import SpecErrors

#: The platform's own: no resource of a tenant is made from these.
PLATFORM_ONLY = frozenset(
    {
        "alert_emails",
        "audit",
        "cost_center",
        "prevent_deletion",
        "provisioning",
        "quotas",
        "retention",
        "tags",
        "tiers",
    }
)


def estate_at(repository: Repository, commit: str, platform_spec: str, specs: str) -> Estate | None:
    """The specs as they were; None where they cannot be read by the program as it is now.

    Args:
        repository: The checkout.
        commit: The commit.
        platform_spec: The platform's spec, from the root of the repository.
        specs: The folder of the tenants' specs, likewise.
    """
    with tempfile.TemporaryDirectory(prefix="bulkhead-specs-") as temporary:
        folder = Path(temporary) / "specs"
        folder.mkdir()
        platform = Path(temporary) / "platform.yaml"
        platform.write_bytes(repository.content(commit, platform_spec) or b"")
        for path in repository.files(commit, specs):
            content = repository.content(commit, path)
            if content is not None:
                (folder / Path(path).name).write_bytes(content)
        try:
            return load_estate(platform, folder)
        except SpecErrors:
            return None


def meant_by_platform_spec(before: Estate | None, after: Estate) -> Iterator[tuple[str, str]]:
    """The tenants whose resources a change of the platform's spec can change.

    Args:
        before: The specs as they were; None: every tenant counts.
        after: The specs as they are.

    Yields:
        A tenant's id, and what is different for it.
    """
    for tenant_id, tenant in after.tenants.items():
        if before is None:
            yield tenant_id, "the platform's spec cannot be compared with what it was"
            continue
        read = _read_by_tenants(before.platform, after.platform, tenant)
        if read:
            yield tenant_id, f"the platform's {_listed(read)} differ, from which its resources are made"
        old = before.tenants.get(tenant_id)
        defaults = _fields_of_tier(before.platform, after.platform, tenant)
        if old is not None and defaults and old != tenant:
            yield tenant_id, f"its tier's defaults of {_listed(defaults)} differ"


def _read_by_tenants(before: PlatformSpec, after: PlatformSpec, tenant: TenantSpec) -> list[str]:
    found = [
        name
        for name in PlatformSpec.model_fields
        if name not in PLATFORM_ONLY | {"cells"} and getattr(before, name) != getattr(after, name)
    ]
    cell = tenant.network.cell
    if cell is not None and _cell(before, cell) != _cell(after, cell):
        found.append(f"cell {cell}")
    return found


def _cell(platform: PlatformSpec, name: str) -> object:
    return next((cell for cell in platform.cells if cell.name == name), None)


def _fields_of_tier(before: PlatformSpec, after: PlatformSpec, tenant: TenantSpec) -> list[str]:
    old, new = before.tiers.get(tenant.tier), after.tiers.get(tenant.tier)
    fields = {*(type(old).model_fields if old else ()), *(type(new).model_fields if new else ())}
    return sorted(name for name in fields if getattr(old, name, None) != getattr(new, name, None))


def _listed(names: list[str]) -> str:
    return ", ".join(names)
