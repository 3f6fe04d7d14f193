"""What must be there once: tenants' ids, cells' names, a tenant's models, zones, serving images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem


def unique_tenants(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants that have the id of another."""
    files: dict[str, Path] = {}
    for tenant in draft.tenants:
        first = files.setdefault(tenant.spec.id, tenant.origin.own.file)
        if first != tenant.origin.own.file:
            yield tenant.problem(
                "id", message=f"{first.name} has this id too", remedy="choose another id for one of them"
            )


def unique_models(draft: Draft) -> Iterator[SpecProblem]:
    """Models that have the name of another model of the same tenant."""
    for tenant in draft.tenants:
        for index in _repeated([model.name for model in tenant.spec.models]):
            yield tenant.problem(
                "models", index, "name", message="the tenant has a model of this name already", remedy="rename one"
            )


def unique_cells(draft: Draft) -> Iterator[SpecProblem]:
    """Cells that have the name of another."""
    cells = list(draft.every_cell())
    for position in _repeated([cell.name for _, _, cell in cells]):
        key, index, _ = cells[position]
        yield draft.platform.problem(
            key, index, "name", message="there is a cell of this name already", remedy="rename one of them"
        )


def unique_zones(draft: Draft) -> Iterator[SpecProblem]:
    """Zones that are listed twice."""
    for index in _repeated(draft.platform.spec.availability_zones):
        yield draft.platform.problem(
            "availability_zones", index, message="the zone is listed twice", remedy="remove it, or name another zone"
        )


def unique_images(draft: Draft) -> Iterator[SpecProblem]:
    """Serving images of a framework that has one already."""
    for index in _repeated([image.framework for image in draft.platform.spec.serving_images]):
        yield draft.platform.problem(
            "serving_images", index, "framework", message="the framework has an image already", remedy="remove one"
        )


def _repeated(values: Sequence[str]) -> Iterator[int]:
    return (index for index, value in enumerate(values) if value in values[:index])
