"""Somebody's program of two stacks: globex's images, and a role of acme that reads those that a setting names."""

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def provider(tenant: str) -> pulumi.ResourceOptions:
    tags = {"tenant": tenant, "cost-center": "1", "managed-by": "somebody"}
    made = aws.Provider(
        "aws",
        region="eu-central-1",
        allowed_account_ids=[ACCOUNT],
        default_tags=aws.ProviderDefaultTagsArgs(tags=tags),
        skip_region_validation=True,
    )
    return pulumi.ResourceOptions(provider=made)


def document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def images_of_globex() -> None:
    opts = provider("globex")
    administered = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    key = aws.kms.Key("key", enable_key_rotation=True, policy=document(administered), opts=opts)
    aws.ecr.Repository(
        "images",
        name="globex/images",
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
        encryption_configurations=[
            aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=key.arn)
        ],
        opts=opts,
    )


def role_of_acme() -> None:
    opts = provider("acme")
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    role = aws.iam.Role("reader", name="acme-reader", assume_role_policy=document(trusted), opts=opts)
    images = f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/{pulumi.Config().require('reads')}/images"
    reads = {"Sid": "ReadImages", "Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": images}
    aws.iam.RolePolicy("reads", role=role.name, policy=document(reads), opts=opts)


{"globex": images_of_globex, "acme": role_of_acme}[pulumi.get_stack()]()
