"""The rules between the specs, one idea a file: each yields what is wrong with a draft of the estate."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem
from infra.spec.rules.cell_capacity import full_cells
from infra.spec.rules.cell_ranges import cell_sizes, inside_cells
from infra.spec.rules.compliance import audited
from infra.spec.rules.file_names import file_names
from infra.spec.rules.identities import saml_metadata, service_role, trusted_principals, verification_role
from infra.spec.rules.instance_types import instance_types
from infra.spec.rules.overlaps import cells_overlap, silos_overlap, tenants_overlap
from infra.spec.rules.placement import placement
from infra.spec.rules.production import two_zones
from infra.spec.rules.region_capacity import gateway_endpoints, vpcs
from infra.spec.rules.regions import one_region, residency, zones
from infra.spec.rules.sharing import shared_between_tenants
from infra.spec.rules.subnet_sizes import subnet_sizes
from infra.spec.rules.tags import own_tags
from infra.spec.rules.tenant_quotas import tenant_quotas
from infra.spec.rules.unique_names import unique_cells, unique_images, unique_models, unique_tenants, unique_zones

Rule = Callable[[Draft], Iterator[SpecProblem]]

RULES: tuple[Rule, ...] = (
    file_names,
    unique_tenants,
    unique_models,
    unique_cells,
    unique_zones,
    unique_images,
    placement,
    cell_sizes,
    inside_cells,
    tenants_overlap,
    cells_overlap,
    silos_overlap,
    subnet_sizes,
    full_cells,
    gateway_endpoints,
    vpcs,
    residency,
    one_region,
    zones,
    tenant_quotas,
    instance_types,
    two_zones,
    audited,
    own_tags,
    trusted_principals,
    service_role,
    verification_role,
    saml_metadata,
    shared_between_tenants,
)


def problems_between(draft: Draft) -> Iterator[SpecProblem]:
    """Everything that a rule finds in `draft`."""
    for rule in RULES:
        yield from rule(draft)
