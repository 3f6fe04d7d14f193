"""The context keys of a check are those that AWS supplies for the action, with the request's and resource's values."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests import Needed
from tests.sandbox.enforcement.requests import keys_of_storage_and_identity, keys_of_workloads
from tests.sandbox.enforcement.requests.calls import ROLE, Estate, checks
from tests.sandbox.enforcement.requests.tagged_estate import ESTATE, TAGS

CASES = (*keys_of_storage_and_identity.CASES, *keys_of_workloads.CASES)


def the(action: str, found: tuple[Needed, ...]) -> dict[str, Value]:
    """The context of all checks of an action."""
    contexts = [dict(one.context) for one in found if one.action == action]
    assert contexts, f"{action} is not among {[one.action for one in found]}"
    return {key: value for context in contexts for key, value in context.items()}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "expected"),
    CASES,
    ids=[f"{number}-{action}" for number, (_, _, _, action, _) in enumerate(CASES)],
)
def test_a_check_has_the_keys_of_its_action(
    service: str, operation: str, parameters: dict[str, Any], action: str, expected: dict[str, Value | None]
) -> None:
    context = the(action, checks(service, operation, ESTATE, **parameters))
    assert {key: context.get(key) for key in expected} == expected


def test_only_the_type_that_is_tagged_has_the_requests_tags() -> None:
    """EC2 gives each type of resource in a request its own tags: a VPC does not get those of a new subnet."""
    tags = [{"ResourceType": "subnet", "Tags": TAGS}]
    found = checks("ec2", "CreateSubnet", ESTATE, VpcId="vpc-1", CidrBlock="10.0.0.0/24", TagSpecifications=tags)
    by_resource = {one.resource.split(":")[-1]: one.context for one in found if one.action == "ec2:CreateSubnet"}
    assert by_resource["subnet/*"]["aws:RequestTag/tenant"] == "acme"
    assert "aws:RequestTag/tenant" not in by_resource["vpc/vpc-1"]


def test_a_buckets_tags_are_no_context() -> None:
    """Tags of a bucket count only where its owner has switched that on."""
    estate = Estate(tagged={"arn:aws:s3:::b": {"tenant": "acme"}})
    assert not [key for key in checks("s3", "GetBucketPolicy", estate, Bucket="b")[0].context if "ResourceTag" in key]


def _token(claims: dict[str, Any]) -> str:
    parts = [{"alg": "RS256"}, claims]
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), "x"])


def test_the_claims_of_a_token_are_keys_of_its_provider() -> None:
    token = _token(
        {
            "iss": "https://token.actions.githubusercontent.com",
            "aud": "sts.amazonaws.com",
            "sub": "repo:acme/models:environment:production",
            "https://aws.amazon.com/tags": {"principal_tags": {"tenant": ["acme"]}, "transitive_tag_keys": ["tenant"]},
        }
    )
    parameters: dict[str, Any] = {"RoleArn": ROLE, "RoleSessionName": "ci", "WebIdentityToken": token}
    found = checks("sts", "AssumeRoleWithWebIdentity", ESTATE, **parameters)
    assert [one.action for one in found] == ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    context = found[0].context
    assert context["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    assert context["token.actions.githubusercontent.com:sub"] == "repo:acme/models:environment:production"
    assert context["aws:RequestTag/tenant"] == "acme"
    assert context["sts:TransitiveTagKeys"] == ["tenant"]


_ASSERTION = """<r xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion"><s:Issuer>https://idp</s:Issuer>
<s:NameID>alice</s:NameID><s:SubjectConfirmationData Recipient="https://signin.aws.amazon.com/saml"/>
<s:Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.7"><s:AttributeValue>acme-science</s:AttributeValue>
<s:AttributeValue>all</s:AttributeValue></s:Attribute>
<s:Attribute Name="https://aws.amazon.com/SAML/Attributes/PrincipalTag:tenant"><s:AttributeValue>acme</s:AttributeValue>
</s:Attribute></r>"""


def test_the_attributes_of_an_assertion_are_keys() -> None:
    assertion = base64.b64encode(_ASSERTION.encode()).decode()
    parameters: dict[str, Any] = {"RoleArn": ROLE, "PrincipalArn": "p", "SAMLAssertion": assertion}
    found = checks("sts", "AssumeRoleWithSAML", ESTATE, **parameters)
    assert [one.action for one in found] == ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    context = found[0].context
    assert context["saml:aud"] == "https://signin.aws.amazon.com/saml"
    assert context["saml:sub"] == "alice"
    assert context["saml:iss"] == "https://idp"
    assert context["saml:edupersonentitlement"] == ["acme-science", "all"]
    assert context["aws:RequestTag/tenant"] == "acme"
