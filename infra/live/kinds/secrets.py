"""Secrets with their policies; what is in them is not read.

Sources: AWS Secrets Manager API Reference, "ListSecrets", "GetResourcePolicy".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.live.entry import Found, Item, Kind, Part, given, tags

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type token
SECRET_POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"  # noqa: S105 - a type token


def _secret(item: Item) -> Iterator[Found]:
    properties = {
        "arn": item["ARN"],
        "name": item["Name"],
        "kmsKeyId": item.get("KmsKeyId"),
        "tags": tags(item.get("Tags")),
    }
    yield Found(SECRET, item["ARN"], given(properties))


def _policy(secret: Item, answer: Item) -> Iterator[Found]:
    if answer.get("ResourcePolicy"):
        yield Found(SECRET_POLICY, secret["ARN"], {"secretArn": secret["ARN"], "policy": answer["ResourcePolicy"]})


KINDS = (
    Kind(
        token=SECRET,
        service="secretsmanager",
        lists="list_secrets",
        at="SecretList",
        action="secretsmanager:ListSecrets",
        made=_secret,
        parts=(
            Part(
                operation="get_resource_policy",
                request={"SecretId": "{ARN}"},
                action="secretsmanager:GetResourcePolicy",
                found=_policy,
                token=SECRET_POLICY,
            ),
        ),
    ),
)
