"""In production an endpoint has two instances, so that one zone can fail.

Source: SageMaker AI Developer Guide, "Best practices for deploying models on SageMaker AI Hosting Services" (deploy
multiple instances for each production endpoint: SageMaker spreads them over Availability Zones).
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem


def two_zones(draft: Draft) -> Iterator[SpecProblem]:
    """Served models of a production stage with a single instance."""
    if not draft.platform.spec.stage.startswith("prod"):
        return
    for tenant in draft.tenants:
        for index, model in enumerate(tenant.spec.models):
            if model.serve_on == "sagemaker" and model.instances.min < 2:
                yield tenant.problem(
                    "models",
                    index,
                    "instances",
                    "min",
                    message=f"stage {draft.platform.spec.stage} is production: one instance is in one zone only",
                    remedy="write min: 2 or more",
                )
