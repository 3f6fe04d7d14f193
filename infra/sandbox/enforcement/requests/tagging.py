"""Tags that a request gives to what it makes need the permission to tag, beside the one to make.

Sources: Service Authorization Reference, the pages of the services; IAM User Guide, "Tags for AWS Identity and Access
Management resources"; Amazon EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation"; SageMaker
AI Developer Guide, "Providing permissions for tagging SageMaker AI resources".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from infra.evaluator.catalogue import AccessLevel, action
from infra.sandbox.enforcement.requests.logs import GROUP_SUFFIX
from infra.sandbox.enforcement.requests.operation import Call
from infra.sandbox.enforcement.requests.plans import Target
from infra.sandbox.enforcement.requests.tags import requested_tags, tagged_types

#: Prefix of a service -> its action that tags; ``TagResource`` where it is not here.
_TAGS: Final[Mapping[str, str]] = {
    "cloudtrail": "AddTags",
    "ec2": "CreateTags",
    "sagemaker": "AddTags",
    "sqs": "TagQueue",
}
_IAM: Final[Mapping[str, str]] = {
    "CreateInstanceProfile": "TagInstanceProfile",
    "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider",
    "CreatePolicy": "TagPolicy",
    "CreateRole": "TagRole",
    "CreateSAMLProvider": "TagSAMLProvider",
    "CreateUser": "TagUser",
    "CreateVirtualMFADevice": "TagMFADevice",
    "UploadServerCertificate": "TagServerCertificate",
}


def tagging_action(prefix: str) -> str:
    """The name of the action that tags a service's resources, without the prefix."""
    return _TAGS.get(prefix, "TagResource")


def targets(call: Call, found: Sequence[Target]) -> Iterator[Target]:
    """The permissions to tag that a call needs.

    Args:
        call: The call.
        found: Its own actions and resources.
    """
    if not found or any(one.action.access_level is AccessLevel.TAGGING for one in found):
        return
    prefix = found[0].action.service
    if prefix == "ec2":
        yield from _of_ec2(call, found)
    elif prefix not in ("s3", "sts") and requested_tags(call.operation.parameters):
        name = _IAM.get(call.operation.name) if prefix == "iam" else tagging_action(prefix)
        known = None if name is None else action(prefix, name)
        if known is not None:
            first = found[0]
            resource = first.resource
            kind = first.kind
            if prefix == "kms":
                resource, kind = f"arn:aws:kms:{call.operation.region}:{call.account}:key/*", "key"
            yield Target(known, resource.removesuffix(GROUP_SUFFIX), kind)


def _of_ec2(call: Call, found: Sequence[Target]) -> Iterator[Target]:
    known = action("ec2", "CreateTags")
    for kind in tagged_types(call.operation.parameters):
        made = [one.resource for one in found if one.kind == kind]
        region = call.operation.region
        if known is not None:
            yield Target(known, made[0] if made else f"arn:aws:ec2:{region}:{call.account}:{kind}/*", kind)
