"""What each kind of role is for: what a tenant's spec promises that its people, jobs and endpoints can do.

Written from the roles' purposes, not from their policies: a policy that loses a right, and one that gains one, both
differ from this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.naming import VERIFICATION_PREFIX, TenantRoleKind
from infra.spec.platform import PlatformSpec


@dataclass(frozen=True, kw_only=True)
class Promise:
    """Something that a role can do with its own tenant's resources.

    Args:
        what: In words.
        actions: The actions.
        on: The kind of resource.
        only: A part of the ARN, where it is not all resources of the kind.
        below: Where in a bucket the object is, if it matters: a prefix that ends in ``/``.
        through: The service (botocore's name) through whose VPC endpoint it goes; None from anywhere, too.
        asking: What the request says beside the action: ``its own``, for what it makes with the tenant's own key and
            network, or ``for a service`` (`for_a_service`).
    """

    what: str
    actions: tuple[str, ...]
    on: str
    only: str = ""
    below: str = ""
    through: str | None = None
    asking: str = ""


_READ = ("s3:GetObject", "s3:GetObjectAttributes")
_WRITE = ("s3:PutObject", "s3:DeleteObject")
_CRYPT = ("kms:Decrypt", "kms:GenerateDataKey")
_PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_INVOKE = ("sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointAsync")
_VOLUMES = Promise(
    what="encrypts the volumes of its instances", actions=("kms:CreateGrant",), on="kms key", asking="for a service"
)
_IMAGES = Promise(what="pulls the tenant's images", actions=_PULL, on="ecr repository")


def for_a_service(platform: PlatformSpec) -> Mapping[str, str | bool]:
    """The context of a call that is made for SageMaker.

    Source: Service Authorization Reference, "AWS Key Management Service", "AWS Identity and Access Management".
    """
    return {
        "kms:GrantIsForAWSResource": True,
        "kms:ViaService": f"sagemaker.{platform.region}.amazonaws.com",
        "iam:PassedToService": "sagemaker.amazonaws.com",
    }


PROMISES: Mapping[TenantRoleKind, tuple[Promise, ...]] = {
    "training": (
        Promise(what="lists data", actions=("s3:ListBucket",), on="s3 bucket", only="-data-", through="s3"),
        Promise(what="reads and writes data", actions=(*_READ, *_WRITE), on="s3 object", only="-data-", through="s3"),
        Promise(what="writes models", actions=(*_READ, *_WRITE), on="s3 object", only="-models-", through="s3"),
        Promise(what="uses the key", actions=_CRYPT, on="kms key"),
        Promise(what="uses the key from its subnets", actions=_CRYPT, on="kms key", through="kms"),
        _VOLUMES,
        _IMAGES,
    ),
    "serving": (
        Promise(what="reads models", actions=_READ, on="s3 object", only="-models-"),
        Promise(what="reads models from its subnets", actions=_READ, on="s3 object", only="-models-", through="s3"),
        Promise(what="captures requests", actions=("s3:PutObject",), on="s3 object", only="-capture-", through="s3"),
        Promise(
            what="writes its logs",
            actions=("logs:CreateLogStream", "logs:PutLogEvents"),
            on="logs log-stream",
            only="/aws/sagemaker/Endpoints/",
        ),
        _VOLUMES,
        _IMAGES,
    ),
    "invoke": (
        Promise(what="calls the tenant's models", actions=_INVOKE, on="sagemaker endpoint"),
        Promise(
            what="calls them from the tenant's subnets",
            actions=_INVOKE,
            on="sagemaker endpoint",
            through="sagemaker-runtime",
        ),
    ),
    "data-scientist": (
        Promise(what="lists all buckets", actions=("s3:ListBucket",), on="s3 bucket"),
        Promise(what="reads all objects", actions=_READ, on="s3 object"),
        Promise(what="writes data", actions=_WRITE, on="s3 object", only="-data-"),
        Promise(what="writes models", actions=_WRITE, on="s3 object", only="-models-"),
        Promise(what="uses the key", actions=_CRYPT, on="kms key"),
        Promise(
            what="starts private, encrypted jobs",
            actions=("sagemaker:CreateTrainingJob",),
            on="sagemaker training-job",
            asking="its own",
        ),
        Promise(
            what="follows jobs",
            actions=("sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"),
            on="sagemaker training-job",
        ),
        Promise(
            what="gives jobs the training role",
            actions=("iam:PassRole",),
            on="iam role",
            only="-training",
            asking="for a service",
        ),
        Promise(
            what="registers models",
            actions=("sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"),
            on="sagemaker model-package",
        ),
        Promise(
            what="looks at what is served",
            actions=("sagemaker:DescribeEndpoint",),
            on="sagemaker endpoint",
        ),
        Promise(what="calls the tenant's models", actions=_INVOKE, on="sagemaker endpoint"),
        Promise(what="reads logs", actions=("logs:FilterLogEvents",), on="logs log-group", only=":log-stream:"),
        Promise(what="reads streams", actions=("logs:GetLogEvents",), on="logs log-stream", only=":log-stream:"),
    ),
    "deploy": (
        Promise(what="uploads models", actions=(*_READ, *_WRITE), on="s3 object", only="-models-"),
        Promise(what="pulls and pushes images", actions=(*_PULL, "ecr:PutImage"), on="ecr repository"),
        Promise(
            what="registers and approves models",
            actions=("sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"),
            on="sagemaker model-package",
        ),
        Promise(what="looks at endpoints", actions=("sagemaker:DescribeEndpoint",), on="sagemaker endpoint"),
        Promise(what="looks at models", actions=("sagemaker:DescribeModel",), on="sagemaker model"),
    ),
    "verification": (
        Promise(
            what="puts and gets its object, and removes it",
            actions=("s3:PutObject", "s3:GetObject", "s3:DeleteObjectVersion"),
            on="s3 object",
            only="-models-",
            below=VERIFICATION_PREFIX,
        ),
        Promise(what="calls the tenant's models", actions=_INVOKE, on="sagemaker endpoint"),
        Promise(what="finds the key", actions=("kms:DescribeKey",), on="kms key"),
    ),
}
