"""ECR repositories with their policies. Source: Pulumi registry, "aws.ecr"; Amazon ECR API Reference."""

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Tags

_MISSING = ("RepositoryNotFoundException", "RepositoryPolicyNotFoundException", "LifecyclePolicyNotFoundException")


def _delete_repository(action: Action) -> None:
    action.api("delete_repository", repositoryName=action.id, force=bool(action.props.get("forceDelete")))


def _document(kind: str, text: str, write: str) -> Resource:
    """A policy document that a repository has one of; `text` is the API's member for it."""
    subject = "repository" if kind == "RepositoryPolicy" else "lifecycle"
    return Resource(
        type=f"aws:ecr/{kind[0].lower()}{kind[1:]}:{kind}",
        service="ecr",
        id="{repository}",
        identity={"repositoryName": "{repository}"},
        names={"policy": text},
        create=Call(write, properties=("policy",)),
        updates=(Call(write, properties=("policy",)),),
        reads=(Read(f"get_{subject}_policy"),),
        delete=Call(f"delete_{subject}_policy", properties=()),
        missing=_MISSING,
        retry=(
            "InvalidParameterException: Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid pr",
        ),
    )


RESOURCES = (
    Resource(
        type="aws:ecr/repository:Repository",
        service="ecr",
        id="{name}",
        names={"name": "repositoryName", "encryptionConfigurations": "encryptionConfiguration"},
        create=Call("create_repository"),
        reads=(
            Read(
                "describe_repositories",
                at="repositories",
                pick=("repositoryName", "{name}"),
                names={"arn": "repositoryArn", "repositoryUrl": "repositoryUri"},
                fixed={"repositoryNames": ["{name}"]},
            ),
        ),
        updates=(
            Call("put_image_scanning_configuration", properties=("imageScanningConfiguration",)),
            Call(
                "put_image_tag_mutability",
                properties=("imageTagMutability", "imageTagMutabilityExclusionFilters"),
            ),
        ),
        identity={"repositoryName": "{name}"},
        delete=_delete_repository,
        missing=_MISSING,
        local=("forceDelete",),
        autoname=Autoname("name", longest=256, lower=True),
        defaults={"imageTagMutability": "MUTABLE"},
        tags=Tags(resource="{arn}"),
    ),
    _document("RepositoryPolicy", "policyText", "set_repository_policy"),
    _document("LifecyclePolicy", "lifecyclePolicyText", "put_lifecycle_policy"),
)
"""ECR entries of the table."""
