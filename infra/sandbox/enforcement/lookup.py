"""What the mapping of requests has to know of the deployed resources: a Protocol, which the layer answers from moto.

A request names things by their names; policies are about their ARNs, tags and properties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Value: TypeAlias = "str | bool | int | float | list[str]"
"""The value of a condition key."""

NamedKind: TypeAlias = Literal[
    "iam:group",
    "iam:instance-profile",
    "iam:role",
    "iam:server-certificate",
    "iam:user",
    "kms:key",
    "secretsmanager:secret",
    "application-autoscaling:scalabletarget",
]
"""Kinds of resources whose ARN cannot be built from the request: IAM's have a path, others an id that AWS assigns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How something in S3 is encrypted.

    Attributes:
        key: The ARN of the KMS key.
        bucket_key: Whether the bucket's own key is used, which makes the encryption context the bucket's ARN.
    """

    key: str
    bucket_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way of a request out of a subnet.

    Attributes:
        endpoint: The VPC endpoint (``vpce-...``) that the request goes through.
        vpc: The VPC that the endpoint is in.
    """

    endpoint: str
    vpc: str


class Lookup(Protocol):
    """Answers from the deployed state. Nothing here decides anything."""

    def arn(self, kind: NamedKind, account: str, region: str, name: str) -> str | None:
        """The ARN of what a request names; None where there is no such resource.

        Args:
            kind: What it is.
            account: The account in which the name is looked up.
            region: The Region, empty for a global service.
            name: As the request has it. A role: its name, or ``instance-profile/NAME`` for the role in a profile. A
                key: its id, ARN, alias (``alias/...``) or the alias's ARN. A secret: its name or partial ARN. A
                scalable target: service namespace, resource id and scalable dimension, joined by ``|``.
        """
        ...

    def owner(self, arn: str) -> str | None:
        """The account that owns a resource whose ARN does not say so, such as a bucket; None where there is none."""
        ...

    def tags(self, arn: str) -> Mapping[str, str] | None:
        """The tags of a resource, of whichever service; None where there is no such resource."""
        ...

    def properties(self, arn: str) -> Mapping[str, Value]:
        """Condition keys of the resource's own service that the resource decides, as AWS writes them.

        For EC2 ``ec2:Vpc`` (an ARN) and ``ec2:Subnet`` (an ARN) of what is in one, ``ec2:VpceServiceName``. For KMS
        ``kms:KeySpec``, ``kms:KeyUsage``, ``kms:KeyOrigin``, ``kms:MultiRegion`` and ``kms:ResourceAliases``. For a
        model of SageMaker what it was made with, by name and value. Empty where there is nothing to say.
        """
        ...

    def boundary(self, arn: str) -> str | None:
        """The ARN of the permissions boundary of a role or user, or None."""
        ...

    def key_of(self, arn: str) -> str | None:
        """The ARN of the KMS key that a log group, topic, queue, secret or endpoint configuration is encrypted by."""
        ...

    def key_of_ciphertext(self, account: str, region: str, ciphertext: bytes) -> str | None:
        """The ARN of the symmetric KMS key that made a ciphertext, which carries it."""
        ...

    def grant_key(self, token: str) -> str | None:
        """The ARN of the KMS key whose grant has this token, or None."""
        ...

    def bucket_encryption(self, bucket: str) -> Encryption | None:
        """What a new object gets for which the request asks nothing; None where that is no KMS key."""
        ...

    def object_encryption(self, bucket: str, key: str, version: str | None) -> Encryption | None:
        """How an existing object is encrypted; None where it is not there or not by a KMS key."""
        ...

    def object_tags(self, bucket: str, key: str, version: str | None) -> Mapping[str, str]:
        """The tags of an object, empty where there is none."""
        ...

    def upload_encryption(self, bucket: str, upload: str) -> Encryption | None:
        """How an unfinished multipart upload will be encrypted; None as for an object."""
        ...

    def associated(self, account: str, region: str, identifier: str) -> Mapping[str, str]:
        """What an EC2 association joins: resource type to id, such as ``route-table`` and ``subnet``.

        Args:
            account: The account.
            region: The Region.
            identifier: The id of a route table's association (``rtbassoc-...``), an attachment (``eni-attach-...``), or
                a network interface's permission (``eni-perm-...``).
        """
        ...

    def route(self, subnet: str, service: str) -> Route | None:
        """The VPC endpoint through which a subnet reaches a service, for example ``s3``; None where there is none."""
        ...

    def sagemaker(self, kind: str, account: str, region: str, name: str) -> Mapping[str, object] | None:
        """A resource of SageMaker with its properties as the API's Describe call names them, or None.

        Args:
            kind: ``model`` or ``endpoint-config``.
            account: The account.
            region: The Region.
            name: The resource's name.
        """
        ...
