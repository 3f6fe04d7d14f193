"""What the engine relies on beyond the contract runs: previews, resources that vanished, deletion, default tags."""

from __future__ import annotations

import json
from typing import Any, cast

import grpc
import pytest
from cases import LANES
from cases.case import Case
from provider_client import Provider
from sandbox_clients import Clients

from infra.sandbox.aws.wire import UNKNOWN

BUCKET = "aws:s3/bucket:Bucket"
KEY = "aws:kms/key:Key"
ROLE = "aws:iam/role:Role"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "x"}}]})
ABSENT_IDS = {
    "aws:appautoscaling/target:Target": "sagemaker/endpoint/absent/variant/a/sagemaker:variant:DesiredInstanceCount",
    "aws:appautoscaling/policy:Policy": "sagemaker/endpoint/a/variant/a/sagemaker:variant:DesiredInstanceCount/absent",
    "aws:budgets/budget:Budget": "123456789012:absent",
    "aws:cloudtrail/trail:Trail": "arn:aws:cloudtrail:eu-central-1:123456789012:trail/absent",
    "aws:guardduty/detectorFeature:DetectorFeature": "00000000000000000000000000000000/S3_DATA_EVENTS",
    "aws:sns/topic:Topic": "arn:aws:sns:eu-central-1:123456789012:absent",
    "aws:sns/topicPolicy:TopicPolicy": "arn:aws:sns:eu-central-1:123456789012:absent",
    "aws:sns/topicSubscription:TopicSubscription": "arn:aws:sns:eu-central-1:123456789012:absent:0000",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "subnet-00000000000000000/rtb-00000000000000000",
    "aws:kms/key:Key": "00000000-0000-0000-0000-000000000000",
    "aws:kms/alias:Alias": "alias/absent",
    "aws:iam/rolePolicy:RolePolicy": "absent:absent",
    "aws:iam/policy:Policy": "arn:aws:iam::123456789012:policy/absent",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "absent/arn:aws:iam::123456789012:policy/absent",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "arn:aws:iam::123456789012:oidc-provider/absent",
    "aws:iam/samlProvider:SamlProvider": "arn:aws:iam::123456789012:saml-provider/absent",
}
"""Ids of the form that a type's ids have; a type that is not here has plain names."""

CASES = [pytest.param(case, id=case.type) for cases in LANES.values() for case in cases]


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_exist_reads_as_gone(provider: Provider, case: Case) -> None:
    """An empty id tells the engine that the resource vanished."""
    assert provider.read(case.type, ABSENT_IDS.get(case.type, "absent")).id == ""


def test_vanished_resource_counts_as_deleted(provider: Provider) -> None:
    """Deleting what is not there is not an error."""
    provider.delete(BUCKET, "absent", {"bucket": "absent"})


def test_preview_knows_inputs_and_no_outputs(provider: Provider, aws: Clients) -> None:
    """A preview's state has the inputs, marks what only AWS can say as unknown, and creates nothing."""
    inputs, _ = provider.check(KEY, "x", {"description": "d"})
    keys = aws("kms").list_keys()["Keys"]
    id_, state = provider.create(KEY, inputs, preview=True)
    assert id_ == ""
    assert state["description"] == "d"
    assert state["arn"] == UNKNOWN
    assert state["region"] == "eu-central-1"
    assert aws("kms").list_keys()["Keys"] == keys


def test_automatic_name_is_kept(provider: Provider) -> None:
    """A name that is not given is the logical name and seven hex digits, and stays over further checks."""
    first, _ = provider.check(BUCKET, "Data", {})
    again, _ = provider.check(BUCKET, "Data", {}, first)
    assert first["bucket"] == again["bucket"]
    prefix, _, digits = first["bucket"].rpartition("-")
    assert prefix == "data"
    assert len(digits) == 7
    assert int(digits, 16) >= 0


@pytest.mark.parametrize(("name", "deletes_first"), [("fixed", True), (None, False)])
def test_order_of_replacement(provider: Provider, name: str | None, deletes_first: bool) -> None:
    """A given name that stays must be free before the new one is made; an automatic one need not."""
    given = {"assumeRolePolicy": TRUST, **({"name": name} if name else {})}
    old, _ = provider.check(ROLE, "role", given)
    new, _ = provider.check(ROLE, "role", {**given, "path": "/other/"}, old)
    found = provider.diff(ROLE, old, new)
    assert list(found.replaces) == ["path"]
    assert found.deleteBeforeReplace is deletes_first


def test_policies_compare_by_meaning(provider: Provider) -> None:
    """Another order, white space or a list of one is no change; another action is."""
    statement = {"Effect": "Allow", "Action": ["a:B"], "Resource": ["x", "y"]}
    same = {"Statement": {"Resource": ["y", "x"], "Action": "a:B", "Effect": "Allow"}}
    other = {"Statement": [{**statement, "Action": "a:C"}]}
    old = {"assumeRolePolicy": json.dumps({"Statement": [statement]})}
    assert not provider.diff(ROLE, old, {"assumeRolePolicy": json.dumps(same, indent=2)}).diffs
    assert list(provider.diff(ROLE, old, {"assumeRolePolicy": json.dumps(other)}).diffs) == ["assumeRolePolicy"]


def test_default_tags_join_and_yield(provider: Provider) -> None:
    """The provider's default tags are in the inputs, below the resource's own."""
    inputs, _ = provider.check(BUCKET, "x", {"tags": {"owner": "me", "bulkhead:contract": "own"}})
    assert inputs["tags"] == {"owner": "me", "bulkhead:contract": "own"}
    assert provider.check(BUCKET, "x", {})[0]["tags"] == {"bulkhead:contract": "yes"}


def test_bucket_with_objects_needs_force(provider: Provider, aws: Clients) -> None:
    """A bucket with an object and older versions is deleted only with forceDestroy."""
    inputs, _ = provider.check(BUCKET, "full", {"bucket": "full-bucket"})
    id_, state = provider.create(BUCKET, inputs)
    s3 = aws("s3")
    s3.put_bucket_versioning(Bucket=id_, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=id_, Key="a", Body=b"1")
    s3.put_object(Bucket=id_, Key="a", Body=b"2")
    s3.delete_object(Bucket=id_, Key="a")
    with pytest.raises(grpc.RpcError) as caught:
        provider.delete(BUCKET, id_, state)
    assert "deleting aws:s3/bucket:Bucket 'x': BucketNotEmpty" in str(caught.value)
    provider.delete(BUCKET, id_, {**state, "forceDestroy": True})
    assert provider.read(BUCKET, id_).id == ""


def test_half_created_resource_is_remembered(provider: Provider) -> None:
    """What fails after the creation itself leaves the resource in the stack, so that nothing is orphaned."""
    inputs, _ = provider.check(BUCKET, "half", {"bucket": "half-made", "tags": {"aws:reserved": "x"}})
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(BUCKET, inputs)
    details: dict[str, bytes] = dict(cast("Any", caught.value).trailing_metadata())
    assert b"ErrorResourceInitFailed" in details["grpc-status-details-bin"]
    assert b"creating aws:s3/bucket:Bucket" in details["grpc-status-details-bin"]
    provider.delete(BUCKET, "half-made", {"bucket": "half-made"})
