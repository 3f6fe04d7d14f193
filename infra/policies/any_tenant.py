"""Stand-ins for a tenant's spec in the policies of the platform, which hold for every tenant.

With them the one place that makes names makes patterns too.
"""

from __future__ import annotations

from infra.spec.tenant import TenantSpec
from infra.tags import TENANT_TAG

#: The pattern of every owner of names: of every tenant, and of the platform itself, which needs a denial of its own.
ANY = TenantSpec.model_construct(id="*")

#: The tenant whose tag the request sets on what it makes. A value's wildcards are literal where a variable brings them,
#: and without the tag nothing matches. Source: IAM User Guide, "IAM policy elements: Variables and tags".
REQUESTED = TenantSpec.model_construct(id=f"${{aws:RequestTag/{TENANT_TAG}}}")

#: The tenant whose principal calls, by the tag of its role or session.
CALLER = TenantSpec.model_construct(id=f"${{aws:PrincipalTag/{TENANT_TAG}}}")
