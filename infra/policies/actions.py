"""Groups of actions that several policies share, so that what a role may do and what bounds it are one list.

No group has an action without a resource level that lists or searches: it would name every tenant's resources.
Source: Service Authorization Reference, the pages of the services.
"""

from __future__ import annotations

OBJECTS_READ = ("s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging", "s3:GetObjectVersion")
#: A deletion leaves a marker and the version: nobody of a tenant may delete a version, but smoke tests their own.
OBJECTS_WRITE = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectTagging",
)
#: What smoke tests do with their own objects: they remove the version that they put, so that nothing of them stays.
VERIFICATION_OBJECTS = ("s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject")
BUCKET_LIST = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions")

#: What needs the key material. ``ReEncrypt*`` is the documented pair of ``ReEncryptFrom`` and ``ReEncryptTo``.
KEY_USE = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)

IMAGES_PULL = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:GetDownloadUrlForLayer",
)
IMAGES_PUSH = ("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")

INVOKE = (
    "sagemaker:InvokeEndpoint",
    "sagemaker:InvokeEndpointAsync",
    "sagemaker:InvokeEndpointWithResponseStream",
)
ENDPOINTS_LOOK = (
    "sagemaker:DescribeEndpoint",
    "sagemaker:DescribeEndpointConfig",
    "sagemaker:DescribeModel",
    "sagemaker:ListTags",
)
JOBS_CREATE = ("sagemaker:CreateProcessingJob", "sagemaker:CreateTrainingJob")
JOBS_LOOK = (
    "sagemaker:DescribeProcessingJob",
    "sagemaker:DescribeTrainingJob",
    "sagemaker:ListTags",
    "sagemaker:StopProcessingJob",
    "sagemaker:StopTrainingJob",
)
REGISTRY_REGISTER = (
    "sagemaker:CreateModelPackage",
    "sagemaker:DescribeModelPackage",
    "sagemaker:DescribeModelPackageGroup",
    "sagemaker:ListModelPackages",
    "sagemaker:ListTags",
)
#: Who registers a version does not approve it, unless it is the CI.
REGISTRY_APPROVE = ("sagemaker:UpdateModelPackage",)

LOGS_WRITE = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
LOGS_READ = ("logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents")
