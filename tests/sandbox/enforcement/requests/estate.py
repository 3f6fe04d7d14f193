"""The deployed estate that the cases of operations and resources are about, and the ARNs in it."""

from __future__ import annotations

from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE, Estate

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f5ca1ab"
OTHER = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/b0b0b0b0"
VPC = "vpc-1"


def sagemaker(path: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{path}"


def ec2(path: str) -> str:
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{path}"


def iam(path: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{path}"


ESTATE = Estate(
    arns={
        "0f5ca1ab": KEY,
        "alias/acme": KEY,
        KEY: KEY,
        OTHER: OTHER,
        "training": ROLE,
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint": iam("role/aws-service-role/x/y"),
        "sagemaker|endpoint/e/variant/v|d": f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/t1",
        "instance-profile/profile": ROLE,
        "db": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf",
    },
    ciphertexts={b"sealed": KEY},
    grants={"token": OTHER},
    associations={
        "rtbassoc-1": {"route-table": "rtb-1", "subnet": "subnet-1"},
        "eni-perm-1": {"network-interface": "eni-1"},
    },
    object_tagged={("b", "tagged"): {"a": "b"}},
)
