"""What a tenant's compliance regimes ask of the platform: activity is recorded and examined.

Sources: 45 CFR 164.312(b), "Audit controls" (HIPAA); AICPA Trust Services Criteria CC7.2 (SOC 2: systems are
monitored for anomalies); AWS Whitepaper, "Architecting for HIPAA Security and Compliance on AWS".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem

_AUDITED = frozenset({"hipaa", "soc2"})


def audited(draft: Draft) -> Iterator[SpecProblem]:
    """Audit services that are off although a tenant's regime asks for them."""
    audit = draft.platform.spec.audit
    off = [service for service, mode in (("guardduty", audit.guardduty), ("config", audit.config)) if mode == "off"]
    for tenant in draft.tenants:
        regimes = sorted(_AUDITED.intersection(tenant.spec.compliance))
        for service in off if regimes else ():
            yield draft.platform.problem(
                "audit",
                service,
                message=f"tenant {tenant.spec.id} is under {' and '.join(regimes)}: activity must be recorded",
                remedy="write create, or adopt where the account has it already",
            )
