"""What tenant and platform specs share: the frozen base model and the value types both use."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, PlainSerializer, StringConstraints

#: An id that no other id can extend past a delimiter: it has no hyphen, so ``acme-*`` never covers ``acmeeu``.
TENANT_ID_PATTERN = r"^[a-z][a-z0-9]{1,18}$"

#: Names that stand for parts of the platform itself in paths and names.
RESERVED_IDS = frozenset({"aws", "bulkhead", "platform", "provisioning", "serving", "shared"})


class SpecModel(BaseModel):
    """Base of every spec: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _network(value: IPv4Network) -> IPv4Network:
    if not value.is_private:
        raise ValueError(f"{value} is not a private range; use one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    if not 16 <= value.prefixlen <= 28:
        raise ValueError(f"{value} has a /{value.prefixlen} mask; a VPC or subnet needs /16 to /28")
    return value


Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Cidr = Annotated[IPv4Network, AfterValidator(_network), PlainSerializer(str, return_type=str)]
Percent = Annotated[int, Field(ge=0, le=100)]
Email = EmailStr
TagKey = Annotated[str, StringConstraints(pattern=r"^(?!aws:)[\w .:/=+\-@]{1,128}$")]
TagValue = Annotated[str, StringConstraints(pattern=r"^[\w .:/=+\-@]{0,256}$")]
#: A path segment in a name: short, lower case, hyphens inside only.
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$")]

Tier = Literal["pool", "silo"]
ComplianceRegime = Literal["gdpr", "hipaa", "soc2"]

#: CloudWatch Logs accepts these retention periods only (days). Source: CloudWatch Logs API, "PutRetentionPolicy".
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
