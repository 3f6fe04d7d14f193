"""ECR repositories with their policies. Source: Pulumi registry, "aws.ecr"; Amazon ECR API Reference."""

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Tags
from infra.sandbox.aws.wire import Properties, has_unknown

_AES256 = {"encryptionType": "AES256"}


def _delete_repository(action: Action) -> None:
    action.api("delete_repository", repositoryName=action.id, force=bool(action.props.get("forceDelete")))


def _same_encryption(before: list[Properties], after: list[Properties]) -> bool:
    """Not naming a key leaves the one that AWS chose or that was named before; no type means AES256."""
    if has_unknown([before, after]) or len(before) != len(after):
        return False
    pairs = zip((_AES256 | one for one in before), (_AES256 | other for other in after), strict=True)
    return all(one | other == one for one, other in pairs)


_set_policy = Call("set_repository_policy", properties=("policy",))

RESOURCES = (
    Resource(
        type="aws:ecr/repository:Repository",
        service="ecr",
        id="{name}",
        identity={"repositoryName": "{name}"},
        names={
            "name": "repositoryName",
            "arn": "repositoryArn",
            "repositoryUrl": "repositoryUri",
            "encryptionConfigurations": "encryptionConfiguration",
        },
        create=Call("create_repository"),
        reads=(
            Read(
                "describe_repositories",
                at="repositories",
                pick=("repositoryName", "{name}"),
                fixed={"repositoryNames": ["{name}"]},
            ),
        ),
        updates=(
            Call("put_image_scanning_configuration", properties=("imageScanningConfiguration",)),
            Call("put_image_tag_mutability", properties=("imageTagMutability", "imageTagMutabilityExclusionFilters")),
        ),
        delete=_delete_repository,
        missing=("RepositoryNotFoundException",),
        local=("forceDelete",),
        autoname=Autoname("name", longest=256, lower=True),
        defaults={"imageTagMutability": "MUTABLE"},
        computed=("encryptionConfigurations", "encryptionConfigurations.kmsKey", "imageScanningConfiguration"),
        same={"encryptionConfigurations": _same_encryption},
        tags=Tags(),
    ),
    Resource(
        type="aws:ecr/repositoryPolicy:RepositoryPolicy",
        service="ecr",
        id="{repository}",
        identity={"repositoryName": "{repository}"},
        names={"policy": "policyText"},
        create=_set_policy,
        updates=(_set_policy,),
        reads=(Read("get_repository_policy"),),
        delete=Call("delete_repository_policy", properties=()),
        missing=("RepositoryNotFoundException", "RepositoryPolicyNotFoundException"),
        retry=("Principal not found",),
    ),
    # The official provider replaces a lifecycle policy instead of putting another in its place.
    Resource(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        service="ecr",
        id="{repository}",
        identity={"repositoryName": "{repository}"},
        names={"policy": "lifecyclePolicyText"},
        create=Call("put_lifecycle_policy", properties=("policy",)),
        reads=(Read("get_lifecycle_policy"),),
        delete=Call("delete_lifecycle_policy", properties=()),
        missing=("RepositoryNotFoundException", "LifecyclePolicyNotFoundException"),
        delete_before_replace=True,
    ),
)
"""ECR entries of the table."""
