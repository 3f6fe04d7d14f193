"""The values that pass through this package: a call, what it needs to be allowed, and why it cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from infra.sandbox.enforcement.lookup import Lookup, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A call of an AWS API, as read from a request.

    Attributes:
        service: The service as botocore names it, for example ``s3control``.
        name: The operation as botocore names it, for example ``GetObject``.
        parameters: The call's parameters as botocore names them.
        region: The Region of the call.
        signature: Condition keys that the form of the request decides, such as ``s3:authType``.
    """

    service: str
    name: str
    parameters: Mapping[str, Any]
    region: str
    signature: Mapping[str, Value] = field(default_factory=dict[str, Value])


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """One thing that must be allowed before a call may pass.

    Attributes:
        action: For example ``s3:GetObject``.
        resource: An ARN, or ``*`` for an action that has no resource level. A part of it that AWS will assign is ``*``.
        resource_account: The account that owns the resource, or None where there is no resource.
        context: Condition keys of the resource and the request, and global ones that do not depend on the caller alone.
        principal: Who needs it, where that is not the caller: a role that a service assumes for the call, by its ARN,
            or the service's principal, for example ``sagemaker.amazonaws.com``.
        via: The service that asks on the caller's behalf (a forward access session), for example ``s3.amazonaws.com``.
            Neither the network route of the caller nor its endpoint's policy count for such a call.
        endpoint: The VPC endpoint of the principal's own network route, where the principal is a role in a VPC.
    """

    action: str
    resource: str
    resource_account: str | None
    context: Mapping[str, Value]
    principal: str | None = None
    via: str | None = None
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A call of which it is not known what it needs. It is denied to everybody but the account's administrators.

    Attributes:
        service: The service as botocore names it.
        operation: The operation.
        why: What is not known, for the log and the answer.
    """

    service: str
    operation: str
    why: str


class Who(Protocol):
    """The caller, as far as a request's mapping depends on it."""

    @property
    def arn(self) -> str:
        """The principal's ARN; of a role session the session's. ``*`` for an anonymous caller."""
        ...

    @property
    def account(self) -> str | None:
        """The principal's account; None for an anonymous caller."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """An operation with everything that its mapping asks.

    Attributes:
        operation: The operation.
        lookup: The deployed state.
        caller: Who calls.
        account: The account in which the request's names are looked up.
    """

    operation: Operation
    lookup: Lookup
    caller: Who
    account: str

    def text(self, name: str) -> str | None:
        """A parameter that is text and not empty, or None."""
        value = self.operation.parameters.get(name)
        return value if isinstance(value, str) and value else None


class CannotMap(Exception):
    """The parameters do not say what the call works on."""
