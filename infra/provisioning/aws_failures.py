"""What an error of AWS means for an operation: its class, and what to do, by the error's code.

Sources: AWS SDKs and Tools Reference Guide, "Retry behavior" (throttling and transient codes); the services' API
references, "Common errors"; IAM User Guide, "Troubleshoot access denied error messages", "Changes that I make are
not always immediately visible"; Amazon EC2 API Reference, "Error codes for the Amazon EC2 API".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra.lifecycle.failures import FailureClass

_TOO_OFTEN = "nothing: it is tried again later; if it stays so, let fewer operations run at a time"
_AT_AWS = "nothing: it is tried again; if it stays so, see the AWS Health Dashboard"
_NOT_SEEN_YET = "nothing: AWS does not show everywhere at once what was just made, so it is tried again"
_RAISE = "ask AWS for more: `bulkhead capacity` names the quota and the request to raise it"
_ROOM = "AWS has no room for it there now: try again later, or choose another instance type or zone in the spec"
_CREDENTIALS = "renew the credentials of the service, then start the operation again"
_DEFECT = "an operator must look: the service's log has the whole error"


@dataclass(frozen=True, kw_only=True)
class AwsFailure:
    """One error of AWS.

    Args:
        code: AWS's code, for example ``AccessDenied``.
        failure_class: Who or what must change.
        remedy: What to do.
    """

    code: str
    failure_class: FailureClass
    remedy: str


#: Tried from the top: the pattern of the whole code, its class, the remedy.
_CODES: tuple[tuple[str, FailureClass, str], ...] = (
    (
        r"Throttl\w*|\w*Throttled\w*|TooManyRequests\w*|RequestLimitExceeded|SlowDown|BandwidthLimitExceeded"
        r"|PriorRequestNotComplete|TransactionInProgress\w*",
        FailureClass.TRANSIENT,
        _TOO_OFTEN,
    ),
    (
        r"RequestTimeout\w*|InternalFailure|Internal(Server)?(Error|Exception)|\w*InternalException|ServiceFailure\w*"
        r"|(Service)?Unavailable\w*|DependencyTimeout\w*|OperationAborted|ConcurrentModification\w*|5\d\d"
        r"|EndpointConnectionError|\w*TimeoutError|ConnectionClosedError|ConnectionError|HTTPClientError",
        FailureClass.TRANSIENT,
        _AT_AWS,
    ),
    (
        r"(Auth)?ExpiredToken\w*|InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClient\w*|SignatureDoesNotMatch"
        r"|AuthFailure|MissingAuthenticationToken|NoCredentialsError|\w*TokenRetrievalError|CredentialRetrievalError",
        FailureClass.INTERNAL,
        _CREDENTIALS,
    ),
    (
        r"AccessDenied\w*|UnauthorizedOperation|AuthorizationError\w*|NotAuthorized\w*|Forbidden|403",
        FailureClass.INTERNAL,
        "",
    ),
    (r"Insufficient\w*|CapacityError|Unsupported(AvailabilityZone)?", FailureClass.CAPACITY, _ROOM),
    (
        r"\w*LimitExceeded\w*|\w*QuotaExceeded\w*|TooManyBuckets|LimitsExceeded\w*|RulesPerSecurityGroup\w*",
        FailureClass.QUOTA,
        _RAISE,
    ),
    (
        r"NoSuch\w+|[\w.]*NotFound\w*|404|InvalidPrincipal\w*|DependencyViolation",
        FailureClass.TRANSIENT,
        _NOT_SEEN_YET,
    ),
    (
        r"\w*AlreadyExists\w*|\w*AlreadyOwnedByYou|ResourceInUse\w*|ResourceConflict\w*|DeleteConflict\w*",
        FailureClass.INTERNAL,
        "an operator must look: something of that name was made past the service; remove it, or import it into the "
        "tenant's stack",
    ),
    (
        r"Validation\w*|Invalid\w*|Malformed\w*|BadRequest\w*|MissingParameter\w*|400",
        FailureClass.USER,
        "change the value in the tenant's spec that AWS refuses",
    ),
)

#: botocore's own words, those of the offline provider, and those of the official one (AWS SDK for Go).
_FORMS = (
    re.compile(r"An error occurred \((?P<code>[\w.]+)\) when calling the (?P<operation>\w+)"),
    re.compile(r"api error (?P<code>[\w.]+):"),
    re.compile(r"\b(?P<code>[A-Z][A-Za-z.]+): .*\(operation (?P<operation>\w+)\)", re.DOTALL),
    re.compile(r"StatusCode: (?P<code>5\d\d|403)\b"),
    re.compile(
        r"\b(?P<code>EndpointConnectionError|ConnectTimeoutError|ReadTimeoutError|ConnectionClosedError"
        r"|HTTPClientError|NoCredentialsError|CredentialRetrievalError)\b"
    ),
)
#: Who may not do what, as AWS words it.
_DENIED = re.compile(r"(?:User: )?(?P<who>arn:aws:[^\s]+) is not authorized to perform: (?P<action>[\w-]+:\w+)")
#: What an assumed role's session is called, to name the role.
_SESSION = re.compile(r"arn:aws:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/")


def failure_of(code: str, message: str = "") -> AwsFailure:
    """What a code means.

    Args:
        code: AWS's code, or botocore's name of an error of the connection; EC2's prefixes do not count.
        message: AWS's message, which names who may not do what.
    """
    plain = code.removeprefix("Client.").removeprefix("Server.").split(":", 1)[0]
    if plain.startswith("MalformedPolicy") and "principal" in message.lower():
        # A role that was made seconds ago is no principal of a policy yet.
        return AwsFailure(code=plain, failure_class=FailureClass.TRANSIENT, remedy=_NOT_SEEN_YET)
    for pattern, failure_class, remedy in _CODES:
        if re.fullmatch(pattern, plain):
            return AwsFailure(code=plain, failure_class=failure_class, remedy=remedy or _permission(message))
    return AwsFailure(code=plain, failure_class=FailureClass.INTERNAL, remedy=_DEFECT)


def failure_in(text: str) -> AwsFailure | None:
    """The failure of AWS that a message of a provider tells; None where it tells none.

    Args:
        text: The message.
    """
    for form in _FORMS:
        found = form.search(text)
        if found is not None:
            return failure_of(found["code"], text)
    return None


def _permission(message: str) -> str:
    found = _DENIED.search(message)
    if found is None:
        return "an operator must look which permission is missing: the service's log has the whole error"
    session = _SESSION.match(found["who"])
    who = f"role {session['role']}" if session else found["who"]
    by = "a service control policy denies it; " if "service control policy" in message else ""
    return (
        f"{by}let {who} perform {found['action']}: if it is the platform's own role, bring the platform up with this "
        "version (bulkhead up platform)"
    )
