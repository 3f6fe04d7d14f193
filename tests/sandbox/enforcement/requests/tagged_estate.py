"""The deployed estate that the cases of context keys are about: its tags, boundaries, keys and models."""

from __future__ import annotations

from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE, Estate

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f5ca1ab"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
VPC = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-1"
SUBNET = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-1"
GROUP = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/e"
TAGS = [{"Key": "tenant", "Value": "acme"}, {"Key": "stage", "Value": "dev"}]

ESTATE = Estate(
    arns={"k": KEY, "alias/acme": KEY, KEY: KEY, "training": ROLE},
    owners={"arn:aws:s3:::b": ACCOUNT},
    tagged={KEY: {"tenant": "acme"}, GROUP: {"tenant": "acme"}, ROLE: {"tenant": "acme"}, ENDPOINT: {"tenant": "acme"}},
    facts={
        KEY: {"kms:ResourceAliases": ["alias/acme"]},
        GROUP: {"ec2:Vpc": VPC},
        SUBNET: {"ec2:Vpc": VPC},
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-1": {"ec2:Subnet": SUBNET, "ec2:Vpc": VPC},
    },
    boundaries={ROLE: BOUNDARY},
    object_tagged={("b", "k"): {"class": "secret"}},
    models={
        ("model", "m"): {
            "ExecutionRoleArn": ROLE,
            "EnableNetworkIsolation": True,
            "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        }
    },
)
