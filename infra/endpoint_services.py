"""The AWS services that a tenant's workloads reach through VPC endpoints: they have no other way out.

Source: AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink"; SageMaker AI Developer Guide, "Give
SageMaker AI Access to Resources in your Amazon VPC". Each entry is the last part of a service name,
``com.amazonaws.<region>.<entry>``.
"""

from __future__ import annotations

from collections.abc import Mapping

#: The services whose endpoint every tenant has for itself, in its own part of a shared VPC too: what passes here is the
#: use of the tenant's key and the calls of its models.
DEDICATED_POOL: tuple[str, ...] = ("kms", "sagemaker.runtime")

#: The services whose endpoint the tenants of a cell share.
SHARED: tuple[str, ...] = ("sts", "logs", "monitoring", "ecr.api", "ecr.dkr", "sagemaker.api")

#: Every interface endpoint of a VPC that one tenant has for itself.
ALL: tuple[str, ...] = (*DEDICATED_POOL, *SHARED)

#: The service of the gateway endpoint: one a tenant, in the tenant's own route tables.
GATEWAY = "s3"


def service_name(region: str, service: str) -> str:
    """The name of an endpoint service as EC2 knows it, for example ``com.amazonaws.eu-central-1.kms``."""
    return f"com.amazonaws.{region}.{service}"


#: How the AWS SDKs call the services whose endpoint may have to be named to them, as in ``AWS_ENDPOINT_URL_<SERVICE>``.
#: Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
SDK_NAMES: Mapping[str, str] = {"kms": "KMS", "sagemaker.runtime": "SAGEMAKER_RUNTIME"}
