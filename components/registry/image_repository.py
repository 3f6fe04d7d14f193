"""An image repository as every owner's is: immutable tags, scanned on push, encrypted with the owner's key."""

from __future__ import annotations

from pulumi import Input, ResourceOptions
from pulumi_aws import ecr

from infra.policies import repository as repository_policy
from infra.policies.document import PolicyDocument


def image_repository(
    name: str,
    *,
    physical_name: str,
    policy: PolicyDocument,
    key_arn: Input[str],
    protect: bool,
    opts: ResourceOptions,
) -> ecr.Repository:
    """A repository with its policy and the expiry of untagged images.

    Args:
        name: The resources' name in the stack.
        physical_name: The repository's name in the account.
        policy: The repository policy.
        key_arn: The key that encrypts the images; it is chosen for good when the repository is made.
        protect: Whether the deletion of the repository is refused. Otherwise it goes with the images that it holds.
        opts: The options of every resource, with their parent.

    Source: AWS Security Hub User Guide, "Amazon ECR controls" (ECR.1 to ECR.3, ECR.5).
    """
    repository = ecr.Repository(
        name,
        name=physical_name,
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
        encryption_configurations=[
            ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=key_arn),
        ],
        force_delete=not protect,
        opts=ResourceOptions.merge(opts, ResourceOptions(protect=protect)),
    )
    ecr.RepositoryPolicy(name, repository=repository.name, policy=policy.render(), opts=opts)
    ecr.LifecyclePolicy(name, repository=repository.name, policy=repository_policy.expire_untagged(), opts=opts)
    return repository
