"""What calls of IAM need: the paths of what is made, the caller's own user, boundaries and passed roles.

Sources: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
Management"; IAM User Guide, "IAM and AWS STS condition context keys".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.context import needed
from infra.sandbox.enforcement.requests.forward import target
from infra.sandbox.enforcement.requests.operation import Call, Needed
from infra.sandbox.enforcement.requests.plans import Target, planned_targets

#: Operation -> type and name of what it makes, under the path that the request gives.
_MADE: Final[Mapping[str, tuple[str, str]]] = {
    "CreateGroup": ("group", "GroupName"),
    "CreateInstanceProfile": ("instance-profile", "InstanceProfileName"),
    "CreatePolicy": ("policy", "PolicyName"),
    "CreateRole": ("role", "RoleName"),
    "CreateUser": ("user", "UserName"),
    "CreateVirtualMFADevice": ("mfa", "VirtualMFADeviceName"),
}
#: Without a user's name these are about the caller.
_OWN: Final = frozenset(
    {
        "ChangePassword",
        "CreateAccessKey",
        "CreateLoginProfile",
        "DeleteAccessKey",
        "DeleteLoginProfile",
        "DeleteSigningCertificate",
        "GetLoginProfile",
        "GetUser",
        "ListAccessKeys",
        "ListMFADevices",
        "ListServiceSpecificCredentials",
        "ListSigningCertificates",
        "ListSSHPublicKeys",
        "UpdateAccessKey",
        "UpdateLoginProfile",
        "UpdateSigningCertificate",
        "UploadSigningCertificate",
    }
)
#: Names of service-linked roles whose service's name does not say them.
_LINKED_ROLES: Final[Mapping[str, str]] = {
    "config.amazonaws.com": "AWSServiceRoleForConfig",
    "ecr.amazonaws.com": "AWSServiceRoleForECRTemplate",
    "guardduty.amazonaws.com": "AWSServiceRoleForAmazonGuardDuty",
    "sagemaker.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
}


def linked_role_arn(account: str, service: str) -> str:
    """The ARN of the role that a service has in an account; the name is ``*`` where it is not known."""
    name = _LINKED_ROLES.get(service, "AWSServiceRoleFor*")
    return f"arn:aws:iam::{account}:role/aws-service-role/{service}/{name}"


def targets(call: Call) -> Iterator[Target]:
    """The actions of a call with their identities."""
    operation, name = call.operation.name, f"iam:{call.operation.name}"
    made = _MADE.get(operation)
    if made is not None:
        kind, parameter = made
        path = (call.text("Path") or "/").strip("/")
        arn = f"arn:aws:iam::{call.account}:{kind}/{path}{'/' if path else ''}{call.text(parameter) or '*'}"
        yield target(name, arn, kind)
    elif operation in _OWN and call.text("UserName") is None:
        own = call.caller.arn if ":user/" in call.caller.arn else f"arn:aws:iam::{call.account}:user/*"
        yield target(name, own, "user")
    elif operation == "CreateServiceLinkedRole":
        yield target(name, linked_role_arn(call.account, call.text("AWSServiceName") or "*"), "role")
    elif operation == "CreateOpenIDConnectProvider":
        address = urlsplit(call.text("Url") or "")
        provider = f"{address.netloc}{address.path}".rstrip("/") or "*"
        yield target(name, f"arn:aws:iam::{call.account}:oidc-provider/{provider}", "oidc-provider")
    elif operation in ("GetAccessKeyLastUsed", "GetServiceLinkedRoleDeletionStatus"):
        # The request names neither user nor role: a permission on all of them is asked.
        kind = "user" if operation == "GetAccessKeyLastUsed" else "role"
        yield target(name, f"arn:aws:iam::{call.account}:{kind}/*", kind)
    else:
        yield from planned_targets(call)


def keys(call: Call, found: Target) -> dict[str, Value]:
    """The condition keys of one check."""
    own: dict[str, Value] = {}
    boundary = call.text("PermissionsBoundary") or call.lookup.boundary(found.resource)
    if boundary is not None:
        own["iam:PermissionsBoundary"] = boundary
    if (policy := call.text("PolicyArn")) is not None:
        own["iam:PolicyARN"] = policy
    if (service := call.text("AWSServiceName")) is not None:
        own["iam:AWSServiceName"] = service
    if (service := call.text("ServiceName")) is not None:
        own["iam:ServiceSpecificCredentialServiceName"] = service
    return own


def beside(call: Call) -> Iterator[Needed]:
    """A role in an instance profile is passed to EC2."""
    if call.operation.name == "AddRoleToInstanceProfile" and (name := call.text("RoleName")) is not None:
        arn = call.lookup.arn("iam:role", call.account, "", name) or f"arn:aws:iam::{call.account}:role/{name}"
        yield needed(call, target("iam:PassRole", arn, "role"), {"iam:PassedToService": "ec2.amazonaws.com"})
