"""A tenant's file is called after its id, so that a reviewer finds it and a stack's spec has one place."""

from __future__ import annotations

from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem


def file_names(draft: Draft) -> Iterator[SpecProblem]:
    """Files whose name is not the tenant's id."""
    for tenant in draft.tenants:
        file, own_id = tenant.origin.own.file, tenant.spec.id
        if file.stem != own_id:
            yield tenant.problem(
                "id",
                message=f"the file is called {file.name}",
                remedy=f"rename the file to {own_id}.yaml, or write id: {file.stem}",
            )
