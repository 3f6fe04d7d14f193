"""Contract cases of ECR."""

from __future__ import annotations

import json

import pulumi_aws as aws

from .case import Case, Clients, Inputs, Needs, Outputs


def _repositories(boto: Clients) -> set[str]:
    return {each["repositoryName"] for each in boto("ecr").describe_repositories()["repositories"]}


def _two_repositories(name: str) -> Needs:
    return {each: aws.ecr.Repository(f"{name}-{each}") for each in ("one", "two")}


def _encryption(kind: str) -> Inputs:
    return {"encryption_configurations": [{"encryption_type": kind}]}


def _loosen(boto: Clients, repository: Outputs) -> None:
    boto("ecr").put_image_tag_mutability(repositoryName=repository["name"], imageTagMutability="MUTABLE")


def _policy(action: str) -> str:
    principal = {"AWS": "arn:aws:iam::123456789012:root"}
    statement = {"Sid": "pull", "Effect": "Allow", "Principal": principal, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _rules(days: int) -> str:
    selection = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


def _rewrite_policy(boto: Clients, policy: Outputs) -> None:
    boto("ecr").set_repository_policy(repositoryName=policy["repository"], policyText=_policy("ecr:PutImage"))


def _rewrite_rules(boto: Clients, policy: Outputs) -> None:
    boto("ecr").put_lifecycle_policy(repositoryName=policy["repository"], lifecyclePolicyText=_rules(99))


CASES = (
    Case(
        type="aws:ecr/repository:Repository",
        inputs=lambda _: {"name": "contract/one", **_encryption("AES256"), "tags": {"owner": "one"}},
        update=lambda _: {
            "image_tag_mutability": "IMMUTABLE",
            "image_scanning_configuration": {"scan_on_push": True},
            "force_delete": True,
            "tags": {"team": "two"},
        },
        replace=lambda _: {"name": "contract/two", **_encryption("KMS")},
        tamper=_loosen,
        tampered="imageTagMutability",
        left=_repositories,
    ),
    Case(
        type="aws:ecr/repositoryPolicy:RepositoryPolicy",
        needs=_two_repositories,
        inputs=lambda needs: {"repository": needs["one"].name, "policy": _policy("ecr:BatchGetImage")},
        update=lambda _: {"policy": _policy("ecr:GetDownloadUrlForLayer")},
        replace=lambda needs: {"repository": needs["two"].name},
        tamper=_rewrite_policy,
        tampered="policy",
        left=_repositories,
    ),
    Case(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        needs=_two_repositories,
        inputs=lambda needs: {"repository": needs["one"].name, "policy": _rules(7)},
        replace=lambda _: {"policy": _rules(14)},
        tamper=_rewrite_rules,
        tampered="policy",
        left=_repositories,
    ),
)
