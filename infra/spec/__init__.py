"""The only parser of input: the platform and its tenants as typed, frozen data."""

from infra.spec.current import current_estate
from infra.spec.errors import SpecErrors, SpecProblem
from infra.spec.loader import Estate, load_estate, load_platform, load_tenant
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

__all__ = [
    "Estate",
    "PlatformSpec",
    "SpecErrors",
    "SpecProblem",
    "TenantSpec",
    "current_estate",
    "load_estate",
    "load_platform",
    "load_tenant",
]
