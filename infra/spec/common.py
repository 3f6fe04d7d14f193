"""What tenant and platform specs share: the frozen base model and the value types both use."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, PlainSerializer, StringConstraints

#: An id that no other id can extend past a delimiter: it has no hyphen, so ``acme-*`` never covers ``acmeeu``.
TENANT_ID_PATTERN = r"^[a-z][a-z0-9]{1,18}$"

#: Names that stand for parts of the platform itself in paths and names.
RESERVED_IDS = frozenset({"aws", "bulkhead", "platform", "provisioning", "serving", "shared"})


#: Tags that every resource has from the spec's own keys (`infra.tags`), so that ``tags`` cannot hold them.
OWN_TAGS = frozenset({"tenant", "stage", "tier", "owner", "cost-center", "managed-by", "Name"})


class SpecModel(BaseModel):
    """Base of every spec: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class InvalidValue(ValueError):
    """What a validator of a spec raises.

    Args:
        message: What is wrong with the value.
        remedy: What to write instead.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


#: The private ranges of RFC 1918. Others that Python calls private (loopback, link-local) cannot be a VPC's.
PRIVATE_RANGES = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


def _network(value: IPv4Network) -> IPv4Network:
    if not any(value.subnet_of(private) for private in PRIVATE_RANGES):
        raise InvalidValue("the range is not private", "take it from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    if not 16 <= value.prefixlen <= 28:
        raise InvalidValue(f"a VPC or subnet cannot be a /{value.prefixlen}", "choose a mask from /16 to /28")
    return value


def _unreserved_tag(key: str) -> str:
    if key.lower().startswith("aws:"):
        raise InvalidValue("AWS keeps tags that start with aws: for itself", "choose another prefix")
    return key


REGION_PATTERN = r"^[a-z]{2}(-[a-z]+)+-\d$"
ACCOUNT_PATTERN = r"^\d{12}$"
TAG_PATTERN = r"^[\w .:/=+\-@]*$"
SLUG_PATTERN = r"^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$"
WORD_PATTERN = r"^[A-Za-z0-9_.-]{1,64}$"

Region = Annotated[str, StringConstraints(pattern=REGION_PATTERN)]
AccountId = Annotated[str, StringConstraints(pattern=ACCOUNT_PATTERN)]
Cidr = Annotated[IPv4Network, AfterValidator(_network), PlainSerializer(str, return_type=str)]
Percent = Annotated[int, Field(ge=0, le=100)]
Email = EmailStr
TagKey = Annotated[
    str, StringConstraints(pattern=TAG_PATTERN, min_length=1, max_length=128), AfterValidator(_unreserved_tag)
]
TagValue = Annotated[str, StringConstraints(pattern=TAG_PATTERN, max_length=256)]
#: A path segment in a name: short, lower case, hyphens inside only.
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]

#: A word without spaces, for example a cost centre.
Word = Annotated[str, StringConstraints(pattern=WORD_PATTERN)]

Tier = Literal["pool", "silo"]
ComplianceRegime = Literal["gdpr", "hipaa", "soc2"]

#: CloudWatch Logs accepts these retention periods only (days). Source: CloudWatch Logs API, "PutRetentionPolicy".
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
