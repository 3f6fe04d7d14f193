"""Where data is: the tenant's Region is the platform's and one that its residency allows; zones are of the Region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem


def residency(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants that would be where their data must not be."""
    for tenant in draft.tenants:
        allowed = tenant.spec.data_residency
        if tenant.spec.region not in allowed:
            yield tenant.problem(
                "region",
                message=f"data_residency does not allow this Region: it allows {', '.join(allowed)}",
                remedy=f"write {allowed[0]}, or add {tenant.spec.region} to data_residency",
            )


def one_region(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants that are not in the platform's Region."""
    region = draft.platform.spec.region
    for tenant in draft.tenants:
        if tenant.spec.region != region:
            yield tenant.problem(
                "region",
                message=f"this platform is in {region}, and a tenant is where its platform is",
                remedy=f"write {region}, or deploy the tenant from a platform in {tenant.spec.region}",
            )


def zones(draft: Draft) -> Iterator[SpecProblem]:
    """Availability zones that are not the Region's: their names are the Region's and a letter."""
    region = draft.platform.spec.region
    for index, zone in enumerate(draft.platform.spec.availability_zones):
        if not re.fullmatch(re.escape(region) + "[a-z]", zone):
            yield draft.platform.problem(
                "availability_zones",
                index,
                message=f"not a zone of {region}",
                remedy=f"write {region}a, {region}b, ...: the zones that the account has there",
            )
