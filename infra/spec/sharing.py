"""What tenants share on purpose: declared by the platform, for a reason, and until a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from infra.spec.common import TENANT_ID_PATTERN, SpecModel

ACTION_PATTERN = r"^[a-z0-9-]{1,63}:[A-Za-z0-9*?]{1,127}$"
ARN_PATTERN = r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9*?-]*:(?:\d{12}|\*)?:\S{1,1500}$"

_TenantId = Annotated[str, StringConstraints(pattern=TENANT_ID_PATTERN)]


class Sharing(SpecModel):
    """Something of one tenant that another tenant may use. It gives no access: it says which access is meant, so that
    the proof takes it for none that leaked. An expired or unused declaration is a finding of the proof."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_: Annotated[_TenantId, Field(alias="from")]
    """The tenant whose principals may."""
    to: _TenantId
    """The tenant whose resources they may use."""
    actions: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=ACTION_PATTERN)], ...], Field(min_length=1, max_length=100)
    ]
    """Which actions, as ``service:Action``, with wildcards in the action."""
    resources: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=ARN_PATTERN)], ...], Field(min_length=1, max_length=100)
    ]
    """Which resources, by their ARNs, with wildcards."""
    reason: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    """Why: it is printed in every report."""
    expires: date
    """The last day on which it holds."""
