"""PlatformOutputs: the only values that cross from the platform's stack to a tenant's.

Names and ARNs that `infra.naming` knows do not cross; ids that AWS assigns do.
"""

from __future__ import annotations

from infra.spec.common import SpecModel


class CellOutputs(SpecModel):
    """A cell as a tenant of tier pool needs it."""

    vpc_id: str
    cidr: str
    endpoint_security_group_id: str
    """The security group of the cell's shared interface endpoints."""
    shared_endpoint_ids: dict[str, str]
    """Service, for example ``sts``, to the id of the cell's shared interface endpoint."""


class PlatformOutputs(SpecModel):
    """What a tenant's stack reads from the platform's stack."""

    stage: str
    account: str
    region: str
    cells: dict[str, CellOutputs]
    serving_image_urls: dict[str, str]
    """Framework to the URL of the repository of its serving image."""
    alerts_topic_arn: str
    saml_provider_arn: str | None
    blueprint_version: str
