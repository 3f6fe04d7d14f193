"""Image repositories: what is decided when they are made, and their lifecycle policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import blocks, given, inner, text


def _repository(resource: PlannedResource) -> Iterator[Finding]:
    mutability = text(resource.properties, "imageTagMutability")
    if (mutability is None and not given(resource.properties, "imageTagMutability")) or mutability == "MUTABLE":
        yield Finding(
            property="imageTagMutability", message="a tag can be moved to another image after it was reviewed"
        )
    encryption = list(blocks(resource.properties, "encryptionConfigurations"))
    if not encryption and not given(resource.properties, "encryptionConfigurations"):
        yield Finding(property="encryptionConfigurations", message="images are not encrypted by a key of ours")
    for path, block in encryption:
        kind = text(block, "encryptionType")
        if kind in ("KMS", "KMS_DSSE") and not given(block, "kmsKey"):
            yield Finding(property=f"{path}.kmsKey", message="without a key AWS takes its own aws/ecr key")
        if kind == "AES256" and given(block, "kmsKey"):
            yield Finding(property=f"{path}.kmsKey", message="AES256 takes no key; write KMS")


def _lifecycle(resource: PlannedResource) -> Iterator[Finding]:
    written = text(resource.properties, "policy")
    if written is None:
        return
    if len(written) > 30_720:
        yield Finding(property="policy", message=f"{len(written)} characters, and AWS takes 30,720")
    try:
        policy: Any = json.loads(written)
    except ValueError:
        yield Finding(property="policy", message="not JSON")
        return
    rules = [rule for _, rule in blocks(cast("dict[str, Any]", policy), "rules")] if isinstance(policy, dict) else []
    priorities = [rule.get("rulePriority") for rule in rules]
    if not 1 <= len(rules) <= 50 or len(set(priorities)) != len(priorities):
        yield Finding(property="policy", message="1 to 50 rules, each with a priority of its own, are taken")
    known = [priority for priority in priorities if isinstance(priority, int)]
    for rule in rules:
        catch_all = text(inner(rule, "selection"), "tagStatus") == "any"
        if catch_all and rule.get("rulePriority") != max(known, default=None):
            yield Finding(
                property="policy", message="the rule for tagStatus any must come last: give it the highest priority"
            )


RULES = (
    Rule(
        id="ecr-repository",
        title="A repository has immutable tags and a key of its owner: both are decided when it is made.",
        types=frozenset({"aws:ecr/repository:Repository"}),
        source="Amazon ECR User Guide, Encryption at rest",
        remedy="write IMMUTABLE, and KMS with the owner's key",
        check=_repository,
    ),
    Rule(
        id="ecr-lifecycle",
        title="A lifecycle policy has 1 to 50 rules of unique priorities, the one for any tag last.",
        types=frozenset({"aws:ecr/lifecyclePolicy:LifecyclePolicy"}),
        source="Amazon ECR User Guide, Lifecycle policy properties in Amazon ECR",
        remedy="correct the rules",
        check=_lifecycle,
    ),
)
