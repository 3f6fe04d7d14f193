"""The policies that the organisation puts on its accounts, where the credentials may see them.

Source: AWS Organizations API Reference, "ListPolicies", "DescribePolicy", "ListTargetsForPolicy".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.live.entry import Found, Item, Kind, Part

POLICY = "aws:organizations/policy:Policy"
ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
_ONLY_DENY = "such policies only deny, so the proof without them is of the worst case"


def _policy(item: Item) -> Iterator[Found]:
    yield Found(POLICY, item["Id"], {"arn": item["Arn"], "name": item["Name"], "type": item["Type"]})


def _targets(policy: Item, answer: Item) -> Iterator[Found]:
    for target in answer["Targets"]:
        pair = {"policyId": policy["Id"], "targetId": target["TargetId"]}
        yield Found(ATTACHMENT, f"{target['TargetId']}:{policy['Id']}", pair)


def _kind(type: str) -> Kind:  # noqa: A002 - AWS's word for it
    return Kind(
        token=POLICY,
        service="organizations",
        lists="list_policies",
        parameters={"Filter": type},
        at="Policies",
        action="organizations:ListPolicies",
        made=_policy,
        nothing=("AWSOrganizationsNotInUseException",),
        optional=_ONLY_DENY,
        parts=(
            Part(
                operation="describe_policy",
                request={"PolicyId": "{Id}"},
                action="organizations:DescribePolicy",
                take=lambda answer: {"content": answer["Policy"]["Content"]},
                gives=("content",),
            ),
            Part(
                operation="list_targets_for_policy",
                request={"PolicyId": "{Id}"},
                action="organizations:ListTargetsForPolicy",
                found=_targets,
                token=ATTACHMENT,
            ),
        ),
    )


KINDS = (_kind("SERVICE_CONTROL_POLICY"), _kind("RESOURCE_CONTROL_POLICY"))
