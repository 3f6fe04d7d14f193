"""What the law obliges to keep of an erased tenant, and until when: it is named in the certificate, not removed.

Article 17(3) GDPR: erasure does not apply where processing is necessary for compliance with a legal obligation, or for
the establishment, exercise or defence of legal claims. What is kept says who did what when, and holds no content.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from infra import naming
from infra.spec.platform import PlatformSpec


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept.

    Args:
        what: What it is.
        where: Its place.
        basis: The law that obliges to keep it.
        until: When it ends, in UTC, as ISO 8601.
    """

    what: str
    where: str
    basis: str
    until: str


def kept(platform: PlatformSpec, erased: datetime) -> tuple[Kept, ...]:
    """What is kept of a tenant that was erased.

    Args:
        platform: The platform's spec, whose ``retention`` says how long.
        erased: When the tenant was erased, with a time zone.
    """
    basis = "GDPR article 17(3)(b) and (e), article 5(2): accountability, and the defence of legal claims"
    audit, logs = platform.retention.audit_days, platform.retention.logs_days
    return (
        Kept(
            "the audit trail: calls to AWS, without content",
            naming.bucket_arn(naming.platform_bucket(platform, "audit")),
            basis,
            _after(erased, audit),
        ),
        Kept(
            "the access logs of the tenant's buckets: names of objects and callers, without content",
            naming.bucket_arn(naming.platform_bucket(platform, "access-logs")),
            basis,
            _after(erased, logs),
        ),
        Kept(
            "this certificate, and the provisioning service's audit log", "the platform", basis, _after(erased, audit)
        ),
    )


def _after(moment: datetime, days: int) -> str:
    return (moment + timedelta(days=days)).isoformat(timespec="seconds")
