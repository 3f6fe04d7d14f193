"""A tenant stays within the quotas that its spec, or its tier, gives it."""

from __future__ import annotations

from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem


def tenant_quotas(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants with more models or instances than their quotas allow."""
    for tenant in draft.tenants:
        quotas, models = tenant.spec.quotas, len(tenant.spec.models)
        if models > quotas.max_models:
            yield tenant.problem(
                "models",
                message=f"{models} models, and the tenant's quota is {quotas.max_models}",
                remedy=f"write quotas: {{max_models: {models}}}, or remove {models - quotas.max_models} of them",
            )
        instances = sum(model.instances.max for model in tenant.spec.served_models)
        if instances > quotas.max_endpoint_instances:
            yield tenant.problem(
                "models",
                message=f"{instances} instances at most (the sum of instances.max of the served models), and the "
                f"tenant's quota is {quotas.max_endpoint_instances}",
                remedy=f"write quotas: {{max_endpoint_instances: {instances}}}, or lower instances.max",
            )
