"""A new tenant that leaves its place out: chosen and written with nobody else of the service between the two.

Places are taken by the specs' files, and by what running changes may put back. So no two tenants get the same, however
many are onboarded at once; and a step that was killed finds the place that it has written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from infra.gitops import etag
from infra.gitops.patching import new_spec
from infra.jobs import JobStatus, tickets
from infra.jobs.processes.call import StepCall
from infra.operations.cell_opening import deployed_cells, open_cell
from infra.placement import Place, Site, checked_alone, is_placed, placed, site_of, sites_in
from infra.provisioning import specs
from infra.provisioning.context import Result, Work
from infra.provisioning.stack_runs import progress_of
from infra.spec import TenantSpec, load_platform
from infra.store import audit_log, events
from infra.store.database import reading, transaction
from infra.store.events import Happening

_ACTOR = "bulkhead"
#: The key of PostgreSQL's advisory lock of who opens a cell: any number that nobody else uses.
_LOCK = 5_130_213


def write_placed(work: Work, call: StepCall, spec: Mapping[str, Any]) -> Result:
    """Write the spec of a new tenant with a place, for which cells are opened where the platform's spec allows it.

    Args:
        work: Where the specs are.
        call: Whose onboarding it is.
        spec: The spec as it was asked for, without its place.

    Returns:
        Whether it was written, the spec with its place, and the cells that were opened.

    Raises:
        SpecErrors: all that is wrong with it.
        NoRoom: no cell has room, and none may be opened.
        SpecConflict: somebody wrote a spec of that tenant.
    """
    specs.require_own_id(call.tenant, new_spec(spec))
    newly: list[str] = []
    while True:
        tenant = checked_alone(work.settings.platform_spec, work.settings.specs / f"{call.tenant}.yaml", spec)
        with specs.alone(work):
            before = left_by_a_failed_onboarding(work, call, new_spec(spec))
            data, place = _kept(work, call, spec, before), None
            if data is None:
                data, place = _chosen(work, call, spec, tenant)
            if place is None or place.opens is None:
                content = new_spec(data)
                specs.check_beside_all(work, call.tenant, content)
                written = specs.write(work, call, content, before)
                return {"written": written, "spec": data, **({"opened": newly} if newly else {})}
        open_for(work, call, place.opens.name)
        newly.append(place.opens.name)


def require_open(work: Work, call: StepCall, spec: Mapping[str, Any]) -> Result:
    """Open the spare cell that a spec names, where the platform's spec allows it.

    Args:
        work: Where the specs are.
        call: Whose operation it is.
        spec: The spec.

    Returns:
        The cell, where it is opened.

    Raises:
        SpecErrors: all that is wrong with the spec.
    """
    platform, site = load_platform(work.settings.platform_spec), site_of(spec)
    spare = {cell.name for cell in platform.spare_cells}
    if site is None or site.cell not in spare or platform.open_cells != "automatically":
        return {}
    checked_alone(work.settings.platform_spec, work.settings.specs / f"{call.tenant}.yaml", spec)
    open_for(work, call, site.cell)
    return {"opened": [site.cell]}


def left_by_a_failed_onboarding(work: Work, call: StepCall, content: bytes) -> str | None:
    """The ETag of the file that an earlier onboarding of the tenant has written and left; None where there is none.

    A file that somebody wrote by hand is theirs.

    Args:
        work: Where the specs are.
        call: Whose onboarding it is.
        content: What it would write.
    """
    there = specs.current(work, call.tenant)
    if there in (None, content) or "spec" not in call.arguments:
        return None
    with reading(work.store) as connection:
        earlier = [each.request for each in tickets.listed(connection, JobStatus.FAILED, JobStatus.CANCELLED)]
    asked = [each.arguments["spec"] for each in earlier if each.tenant == call.tenant and "spec" in each.arguments]
    return etag(there) if any(_wrote(call.tenant, spec, there) for spec in asked) else None


def written_for(work: Work, call: StepCall) -> bytes | None:
    """The content that an onboarding has written or would; a place that was chosen for it is found in its file.

    Args:
        work: Where the specs are.
        call: Whose onboarding it is.
    """
    content, there = specs.wanted(call), specs.current(work, call.tenant)
    asked = cast("Mapping[str, Any] | None", call.arguments.get("spec"))
    return there if there is not None and asked is not None and _wrote(call.tenant, asked, there) else content


def taken(work: Work, tenant: str) -> Iterator[Site]:
    """The places of all other tenants; a file that is no YAML stops who checks them all.

    Args:
        work: Where the specs are.
        tenant: The one that does not count.
    """
    yield from sites_in(work.settings.specs, without=tenant)
    for other, former in specs.left_by_changes(work).items():
        site = site_of(specs.as_data(other, former))
        if other != tenant and site is not None:
            yield site


def _chosen(work: Work, call: StepCall, spec: Mapping[str, Any], tenant: TenantSpec) -> tuple[dict[str, Any], Place]:
    platform, others = load_platform(work.settings.platform_spec), list(taken(work, call.tenant))
    return placed(spec, tenant, platform, others, deployed=deployed_cells(work.workspace))


def _kept(work: Work, call: StepCall, spec: Mapping[str, Any], before: str | None) -> dict[str, Any] | None:
    """The spec with the place that its file has, where that is of this onboarding or of one that failed.

    A stack may have been begun there. In another tier the place would be none.
    """
    there = specs.current(work, call.tenant)
    if there is None:
        return None
    written = specs.as_data(call.tenant, there)
    if etag(there) != before and not is_placed(spec, written):
        return None
    return {**spec, "network": written["network"]} if written.get("tier") == spec.get("tier") else None


def _wrote(tenant: str, spec: Mapping[str, Any], there: bytes) -> bool:
    """Whether an onboarding of a spec has written what is there."""
    return new_spec(spec) == there or is_placed(spec, specs.as_data(tenant, there))


def open_for(work: Work, call: StepCall, cell: str) -> None:
    """Open a cell, one at a time over all workers, and tell of it."""
    with specs.locked(work, _LOCK):
        found = open_cell(work.settings, cell, on_event=progress_of(call))
    if not found.changed:
        return
    now, detail = datetime.now(UTC), {"cell": cell, "spec": found.spec, "operation": call.operation}
    with transaction(work.store) as connection:
        happening = Happening(name="platform.cell_opened", data=detail)
        events.append(connection, call.tenant, call.operation, [happening], now)
        audit_log.append(
            connection,
            actor=_ACTOR,
            action="cells.open",
            subject=f"cells/{cell}",
            outcome="done",
            detail=detail,
            now=now,
        )
