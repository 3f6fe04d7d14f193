"""What is shared is shared between two tenants that exist."""

from __future__ import annotations

from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem


def shared_between_tenants(draft: Draft) -> Iterator[SpecProblem]:
    """Declared sharing that names a tenant that is not there, or the same tenant twice."""
    there = {tenant.spec.id for tenant in draft.tenants}
    for index, one in enumerate(draft.platform.spec.sharing):
        if one.from_ == one.to:
            yield draft.platform.problem(
                "sharing",
                index,
                "to",
                message="a tenant shares nothing with itself",
                remedy="name the tenant whose resources are used, or remove the entry",
            )
        for key, name in (("from", one.from_), ("to", one.to)):
            if draft.whole and name not in there:
                yield draft.platform.problem(
                    "sharing",
                    index,
                    key,
                    message="there is no such tenant",
                    remedy=f"write one of {', '.join(sorted(there)) or 'the tenants, once there are any'}; "
                    "or remove the entry",
                )
