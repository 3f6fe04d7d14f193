"""What could give access and is not read must be listed."""

from __future__ import annotations

import pytest

from infra.proof.facts import NotModelled
from tests.proof.facts.exports import UNKNOWN, Stack, allow, estate


def _listed(token: str, **outputs: object) -> list[NotModelled]:
    stack = Stack()
    stack.add(token, "x", outputs)
    return list(estate(stack).not_modelled)


@pytest.mark.parametrize(
    ("token", "outputs"),
    [
        ("aws:ecr/registryPolicy:RegistryPolicy", {"policy": allow("ecr:*", Principal="*")}),
        ("aws:glue/resourcePolicy:ResourcePolicy", {"policy": UNKNOWN}),
        ("aws:made/up:Up", {"document": allow("made:Up")}),
        ("aws:acmpca/permission:Permission", {"principal": "acm.amazonaws.com"}),
        ("aws:ram/principalAssociation:PrincipalAssociation", {"principal": "210987654321"}),
        ("aws:cloudformation/stack:Stack", {"templateBody": "{}"}),
        ("aws:s3/bucketAcl:BucketAcl", {"bucket": "b", "acl": "public-read"}),
        ("aws:s3/bucket:Bucket", {"bucket": "b", "grants": [{"type": "Group", "uri": "AllUsers"}]}),
        ("aws-native:s3:Bucket", {}),
        ("pulumi-python:dynamic:Resource", {}),
    ],
)
def test_what_could_matter_is_listed(token: str, outputs: dict[str, object]) -> None:
    (found,) = _listed(token, **outputs)
    assert found.type == token
    assert found.could_matter
    assert found.why


@pytest.mark.parametrize(
    ("token", "outputs"),
    [
        ("aws:s3/bucketAcl:BucketAcl", {"bucket": "b", "acl": "private"}),
        ("aws:ecr/lifecyclePolicy:LifecyclePolicy", {"policy": UNKNOWN}),
        ("aws:sqs/redrivePolicy:RedrivePolicy", {"redrivePolicy": UNKNOWN}),
        ("aws:ec2/routeTable:RouteTable", {"arn": "arn:aws:ec2:::route-table/r"}),
        ("pulumi:pulumi:StackReference", {"outputs": {"policy": allow("s3:*")}}),
        (
            "aws:s3/bucket:Bucket",
            {
                "bucket": "b",
                "grants": [{"type": "CanonicalUser", "id": "0", "uri": "", "permissions": ["FULL_CONTROL"]}],
            },
        ),
    ],
)
def test_what_gives_nothing_is_not(token: str, outputs: dict[str, object]) -> None:
    assert _listed(token, **outputs) == []


def test_what_is_elsewhere_is_listed_and_does_not_matter() -> None:
    (found,) = _listed("random:index/randomId:RandomId")
    assert not found.could_matter


def test_an_interrupted_run_matters() -> None:
    stack = Stack()
    export = stack.export()
    urn = stack.urn("aws:s3/bucket:Bucket", "b")
    state = {"urn": urn, "type": "aws:s3/bucket:Bucket", "custom": True}
    export["deployment"]["pending_operations"] = [{"resource": state, "type": "creating"}]
    stack.export = lambda: export
    (found,) = estate(stack).not_modelled
    assert found.could_matter
    assert found.source.urn == urn
    assert "creating" in found.why
