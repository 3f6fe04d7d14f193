"""How many tenants a Region holds: AWS's quotas of VPCs and gateway endpoints.

Source: Amazon VPC User Guide, "Amazon VPC quotas".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem


def gateway_endpoints(draft: Draft) -> Iterator[SpecProblem]:
    """More tenants than gateway endpoints to S3, of which each tenant has one."""
    tenants, quota = len(draft.tenants), draft.platform.spec.quotas.gateway_endpoints_per_region
    if tenants > quota:
        yield draft.platform.problem(
            "quotas",
            "gateway_endpoints_per_region",
            message=f"{tenants} tenants need a gateway endpoint each, and {quota} fit in a Region",
            remedy=f"have AWS raise the quota and write quotas: {{gateway_endpoints_per_region: {tenants}}}, or remove "
            f"{tenants - quota} tenants",
        )


def vpcs(draft: Draft) -> Iterator[SpecProblem]:
    """More cells and tenants of tier silo than VPCs."""
    cells, silos = len(draft.platform.spec.cells), len(draft.silos())
    quota = draft.platform.spec.quotas.vpcs_per_region
    if cells + silos > quota:
        yield draft.platform.problem(
            "quotas",
            "vpcs_per_region",
            message=f"{cells} cells and {silos} tenants of tier silo need a VPC each, and {quota} fit in a Region",
            remedy=f"have AWS raise the quota and write quotas: {{vpcs_per_region: {cells + silos}}}, or write "
            f"tier: pool for {cells + silos - quota} of the tenants",
        )
