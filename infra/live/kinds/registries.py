"""Image repositories with their policies, and the policy of the account's registry.

Sources: Amazon ECR API Reference, "DescribeRepositories", "GetRepositoryPolicy", "GetRegistryPolicy".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.live.entry import Found, Item, Kind, Part, given, tags_part

REPOSITORY = "aws:ecr/repository:Repository"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
REGISTRY_POLICY = "aws:ecr/registryPolicy:RegistryPolicy"


def _repository(item: Item) -> Iterator[Found]:
    name = item["repositoryName"]
    encryption: Item = item.get("encryptionConfiguration") or {}
    block = given({"encryptionType": encryption.get("encryptionType"), "kmsKey": encryption.get("kmsKey")})
    properties = {
        "arn": item["repositoryArn"],
        "name": name,
        "encryptionConfigurations": [block] if block else [],
        "imageTagMutability": item.get("imageTagMutability"),
    }
    yield Found(REPOSITORY, name, given(properties))


def _policy(repository: Item, answer: Item) -> Iterator[Found]:
    name = repository["repositoryName"]
    yield Found(REPOSITORY_POLICY, name, {"repository": name, "policy": answer["policyText"]})


def _registry(item: Item) -> Iterator[Found]:
    yield Found(REGISTRY_POLICY, item["registryId"], {"registryId": item["registryId"], "policy": item["policyText"]})


KINDS = (
    Kind(
        token=REPOSITORY,
        service="ecr",
        lists="describe_repositories",
        at="repositories",
        action="ecr:DescribeRepositories",
        made=_repository,
        parts=(
            tags_part(
                "ecr:ListTagsForResource", "list_tags_for_resource", {"resourceArn": "{repositoryArn}"}, at="tags"
            ),
            Part(
                operation="get_repository_policy",
                request={"repositoryName": "{repositoryName}"},
                action="ecr:GetRepositoryPolicy",
                found=_policy,
                token=REPOSITORY_POLICY,
            ),
        ),
    ),
    Kind(
        token=REGISTRY_POLICY,
        service="ecr",
        lists="get_registry_policy",
        at="",
        action="ecr:GetRegistryPolicy",
        made=_registry,
    ),
)
