"""PlatformOutputs: the only values that cross from the platform's stack to a tenant's.

Names and ARNs that `infra.naming` knows do not cross; ids that AWS assigns do.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi import Input

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
    saml_provider_arn: str | None = None
    """None where the platform has no SAML identity provider; Pulumi stores no output that is None."""
    blueprint_version: str


def export(model: type[SpecModel], values: Mapping[str, Input[object]]) -> None:
    """Export a stack's outputs under the names of a model's fields, one stack output a field.

    Raises:
        TypeError: a field is missing, or one is not a field of the model.
    """
    fields = set(model.model_fields)
    if fields != set(values):
        missing, unknown = sorted(fields - set(values)), sorted(set(values) - fields)
        raise TypeError(f"the outputs miss {missing} and have no use for {unknown}")
    for name, value in values.items():
        pulumi.export(name, value)
