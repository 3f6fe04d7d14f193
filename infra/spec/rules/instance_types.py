"""A served model's instance type is one that SageMaker endpoints have.

Source: Amazon SageMaker API Reference, "ProductionVariant" (InstanceType), by way of the SDK's model of the API:
``scripts/update-instance-types`` writes the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem
from infra.spec.translate import nearest


@cache
def endpoint_instance_types() -> tuple[str, ...]:
    """The instance types of SageMaker endpoints."""
    return tuple(files("infra.spec").joinpath("instance_types.txt").read_text(encoding="utf-8").split())


def instance_types(draft: Draft) -> Iterator[SpecProblem]:
    """Models on instance types that SageMaker does not have."""
    known = endpoint_instance_types()
    for tenant in draft.tenants:
        for index, model in enumerate(tenant.spec.models):
            if model.instance_type not in known:
                meant = nearest(model.instance_type, known)
                yield tenant.problem(
                    "models",
                    index,
                    "instance_type",
                    message="SageMaker endpoints have no such instance type",
                    remedy=f"write {meant or 'ml.m5.large'}; for a new type run scripts/update-instance-types",
                )
