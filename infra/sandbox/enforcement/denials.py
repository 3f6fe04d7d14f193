"""What AWS answers to a request that its policies do not allow: the code, the status and the words, service by service.

Sources: IAM User Guide, "Troubleshoot access denied error messages"; Amazon S3 User Guide, "Troubleshoot access denied
(403 Forbidden) errors in Amazon S3"; Amazon EC2 API Reference, "Error codes for the Amazon EC2 API"; Amazon SNS API
Reference, "Common Errors"; the service models of botocore.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from infra.evaluator.decision import Decision, Layer, Verdict
from infra.evaluator.request import Caller, CallerKind
from infra.sandbox.error_shapes import AwsError, Protocol, service_model

#: Services that take requests without a signature, where a resource's policy is for everybody.
#: Source: IAM User Guide, "AWS services that work with IAM", and the pages of the services on anonymous access.
_TAKE_ANONYMOUS = frozenset({"s3", "sqs", "sns", "sts", "cognito-identity", "cognito-idp"})

#: Codes that are not the protocol's own.
_CODES = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError", "sqs": "AccessDenied"}
#: How a service writes its own prefix in messages, where that is not the one that policies use.
_SPELT = {"sns": "SNS"}
#: A request for these comes from nobody yet, so that AWS names no user.
_FEDERATED = ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A permission that a request needs and its caller does not have.

    Args:
        caller: Who asked.
        action: ``service:Action`` in the service's own spelling.
        resource: The resource's ARN, or ``*``.
        verdict: The evaluator's answer, not an Allowed one.
        foreign: The resource is another account's.
        role: The role that lacks it, where a service acts as that role for the call.
    """

    caller: Caller
    action: str
    resource: str
    verdict: Verdict
    foreign: bool = False
    role: str | None = None


def denial(refused: Refused, service: str, protocol: Protocol, encoded: str = "") -> AwsError:
    """The error that a service answers with.

    Args:
        refused: What is not allowed.
        service: Botocore's name of the service that was called; it may have asked another one for the caller.
        protocol: In which the caller reads.
        encoded: The details for ``sts:DecodeAuthorizationMessage``, which EC2 adds.
    """
    if refused.caller.kind is CallerKind.ANONYMOUS and service not in _TAKE_ANONYMOUS:
        return _error(service, protocol, "MissingAuthenticationToken", "Request is missing Authentication Token")
    if service == "sagemaker" and refused.role is not None:
        return AwsError(code="ValidationException", message=_role_lacks(refused), status=HTTPStatus.BAD_REQUEST)
    if refused.action in _FEDERATED:
        return _error(service, protocol, "AccessDenied", f"Not authorized to perform {refused.action}")
    if service == "s3" and (refused.caller.account is None or refused.foreign):
        return _error(service, protocol, "AccessDenied", "Access Denied")
    message = _sentence(refused)
    if service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
        message += f" Encoded authorization failure message: {encoded}" if encoded else ""
    return _error(service, protocol, _CODES.get(service, "AccessDenied"), message)


def not_mapped(caller: Caller, service: str, operation: str, protocol: Protocol) -> AwsError:
    """The error for an operation of which it is not known what permissions it needs: nobody but the root has them.

    Args:
        caller: Who asked.
        service: Botocore's name of the service, or what the request was signed for.
        operation: The operation's name.
        protocol: In which the caller reads.
    """
    if caller.kind is CallerKind.ANONYMOUS:
        return _error(service, protocol, "MissingAuthenticationToken", "Request is missing Authentication Token")
    message = (
        f"User: {caller.arn} is not authorized to perform: {service}:{operation} because the embedded cloud does not "
        "know what permissions it needs, and denies what it does not know"
    )
    return _error(service, protocol, _CODES.get(service, "AccessDenied"), message)


def _role_lacks(refused: Refused) -> str:
    """What SageMaker says of an execution role, which it takes for a mistake in the request.

    Source: SageMaker AI Developer Guide, "SageMaker AI Roles"; the messages of the service.
    """
    service, _, _ = refused.action.partition(":")
    if service == "sts":
        return (
            f"Could not assume role {refused.role}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        )
    if service == "ecr":
        return (
            f"Access denied for repository: {refused.resource.partition('repository/')[2]}. Please check if your ECR "
            f"repository and image exist and role {refused.role} has proper pull permissions for SageMaker: "
            "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"
        )
    return (
        f"The role {refused.role} cannot be used for this request: {_sentence(refused)}. Please ensure that the role "
        f'has "{refused.action}" permissions on {refused.resource}'
    )


def _sentence(refused: Refused) -> str:
    prefix, _, name = refused.action.partition(":")
    action = f"{_SPELT.get(prefix, prefix)}:{name}"
    resource = f'"{refused.resource}"' if prefix == "s3" else refused.resource
    layer = refused.verdict.layer
    if refused.verdict.decision is Decision.EXPLICITLY_DENIED:
        article = {Layer.IDENTITY: "an", Layer.TRUST: "the"}.get(layer, "a")
        why = f"with an explicit deny in {article} {layer.value}"
    else:
        why = f"because no {layer.value} allows the {action} action"
    return f"User: {refused.caller.arn} is not authorized to perform: {action} on resource: {resource} {why}"


def _error(service: str, protocol: Protocol, code: str, message: str) -> AwsError:
    """An error with the suffix and the status that the protocol or the service's model gives it."""
    if protocol in ("json", "rest-json") and service not in _CODES:
        code = f"{code}Exception"
    status = HTTPStatus.BAD_REQUEST if protocol == "json" and service not in _CODES else HTTPStatus.FORBIDDEN
    return AwsError(code=code, message=message, status=_modelled_status(service, code) or status)


def _modelled_status(service: str, code: str) -> int | None:
    model = service_model(service)
    if model is None or code not in model.shape_names:
        return None
    error: dict[str, Any] = model.shape_for(code).metadata.get("error") or {}
    return error.get("httpStatusCode")
