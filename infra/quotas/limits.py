"""The limits that hold for an account: its own values, else what the platform's spec says, else AWS's defaults."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from infra.quotas.counting import Place
from infra.quotas.table import Quota, quotas

_NOT_RAISED = "AWS does not raise it"


class Origin(StrEnum):
    """Who says what a limit is."""

    APPLIED = "applied"
    """Service Quotas, of this account."""
    SPEC = "spec"
    """``quotas`` of the platform's spec."""
    DEFAULT = "default"
    """AWS's documentation, of every account."""
    NOBODY = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A quota of an account as Service Quotas has it.

    Args:
        value: The limit.
        code: The quota's code.
    """

    value: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit as it holds.

    Args:
        quota: The quota.
        name: As Service Quotas calls it, with the instance type where it has one.
        value: The limit; None where it is not known.
        origin: Who says so.
        code: The quota's code; None where it is not known, or there is none.
        region: The Region in which to ask for more.
    """

    quota: Quota
    name: str
    value: int | None
    origin: Origin
    code: str | None
    region: str

    @property
    def ceiling(self) -> int | None:
        """The most to which AWS raises it; None where that is not bounded, or not known."""
        if not self.quota.adjustable or self.quota.most is None or self.value is None:
            return None if self.quota.adjustable else self.value
        return max(self.quota.most, self.value)

    def raised_to(self, wanted: int) -> str:
        """What to do to have `wanted`: the request to AWS as a command, or in words where there is no such command.

        Source: AWS CLI Command Reference, "service-quotas request-service-quota-increase".
        """
        if not self.quota.adjustable:
            return _NOT_RAISED
        if self.quota.most is not None and wanted > self.quota.most:
            return f"AWS raises it to {self.quota.most} at most: put tenants into another account"
        if self.code is None and self.quota.per != "instance_type":
            return f"Service Quotas does not have it: ask AWS Support for {self.name} of {wanted} in {self.region}"
        code = self.code or self._code_by_name()
        return (
            f"aws service-quotas request-service-quota-increase --service-code {self.quota.service} "
            f"--quota-code {code} --desired-value {wanted} --region {self.region}"
        )

    def _code_by_name(self) -> str:
        query = shlex.quote(f"Quotas[?QuotaName=='{self.name}'].QuotaCode")
        return (
            f'"$(aws service-quotas list-aws-default-service-quotas --service-code {self.quota.service} '
            f'--region {self.region} --query {query} --output text)"'
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of an account and Region.

    Args:
        region: The platform's Region.
        applied: What Service Quotas has, by the quota's key; `Place` for those of an instance type.
        spec: What the platform's spec says, by the quota's key; what it leaves at AWS's default counts too.
        unread: Why Service Quotas did not answer, by the quota's key.
    """

    region: str
    applied: Mapping[Place, Applied] = field(default_factory=dict[Place, Applied])
    spec: Mapping[str, int] = field(default_factory=dict[str, int])
    unread: Mapping[str, str] = field(default_factory=dict[str, str])

    def of(self, place: Place) -> Limit:
        """The limit that holds in a place."""
        quota = quotas()[place.quota]
        kind = place.at if quota.per == "instance_type" else ""
        applied = self.applied.get(Place(quota.key, kind))
        if applied is not None:
            value, origin = applied.value, Origin.APPLIED
        elif quota.key in self.spec:
            value, origin = self.spec[quota.key], Origin.SPEC
        elif quota.default is not None:
            value, origin = quota.default, Origin.DEFAULT
        else:
            value, origin = None, Origin.NOBODY
        return Limit(
            quota=quota,
            name=quota.name.replace("{type}", kind),
            value=value,
            origin=origin,
            code=applied.code if applied else quota.code,
            region=quota.region or self.region,
        )

    def of_a_new_account(self) -> Limits:
        """The limits with which AWS opens an account."""
        return Limits(region=self.region)
