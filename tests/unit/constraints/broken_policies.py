"""Policies that AWS refuses, or takes and then reads in another way than its author."""

from __future__ import annotations

from typing import Any

from tests.unit.constraints.sound import ACCOUNT, ADMIN, KEY, TOPIC, Broken, policy, resource_statement, statement
from tests.unit.constraints.sound import trust_statement as trusted

ROLE = "aws:iam/role:Role"
MANAGED = "aws:iam/policy:Policy"
INLINE = "aws:iam/rolePolicy:RolePolicy"
KMS_KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucketPolicy:BucketPolicy"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
GITHUB = "token.actions.githubusercontent.com"


def long(size: int) -> list[str]:
    """ARNs of that many characters together."""
    return ["arn:aws:s3:::b/" + "x" * 85] * (size // 100)


def trust(**changes: Any) -> str:
    """A trust policy."""
    return policy(trusted(**changes))


def identity(**changes: Any) -> str:
    """A policy of an identity."""
    return policy(statement(**changes))


def of_resource(**changes: Any) -> str:
    """A policy of a resource."""
    return policy(resource_statement(**changes))


def github(conditions: dict[str, Any]) -> str:
    """A trust of GitHub's provider."""
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
    return trust(Principal={"Federated": provider}, Action="sts:AssumeRoleWithWebIdentity", Condition=conditions)


_AUDIENCE = {f"{GITHUB}:aud": "sts.amazonaws.com"}
_SUBJECT = {f"{GITHUB}:sub": "repo:acme/models:environment:production"}
_DENY_KEY: dict[str, Any] = {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY}

#: Positive controls: policies that look like broken ones and are sound.
SOUND_POLICIES: tuple[tuple[str, str, str], ...] = (
    (ROLE, "assumeRolePolicy", github({"StringEquals": {**_AUDIENCE, **_SUBJECT}})),
    (
        ROLE,
        "assumeRolePolicy",
        trust(
            Principal={"AWS": ADMIN},
            Action=["sts:AssumeRole", "sts:TagSession"],
            Condition={"StringEquals": {"aws:RequestTag/tenant": "acme"}},
        ),
    ),
    (INLINE, "policy", identity(Action=["ecr:GetAuthorizationToken"], Resource="*")),
    (INLINE, "policy", identity(Resource="*", Condition={"StringEquals": {"aws:ResourceTag/tenant": "acme"}})),
    (INLINE, "policy", identity(Effect="Deny", Action="*", Resource="*")),
    (MANAGED, "policy", identity(Action="s3:*", Resource="*")),
    (MANAGED, "policy", identity(Resource=long(5_600))),
    (BUCKET, "policy", of_resource(Principal="*", Condition={"ArnLike": {"aws:PrincipalArn": ADMIN}})),
    (
        BUCKET,
        "policy",
        of_resource(Effect="Deny", Condition={"StringNotEquals": _DENY_KEY, "Null": {next(iter(_DENY_KEY)): "false"}}),
    ),
    (ENDPOINT, "policy", of_resource(Principal="*", Resource="arn:aws:s3:::layers/*")),
    (KMS_KEY, "policy", of_resource(Sid="Sids of keys may have spaces", Action="kms:Put*", Resource="*")),
)

BROKEN = (
    # sizes
    Broken(rule="iam-managed-policy-size", type=MANAGED, at="policy", to=identity(Resource=long(6_200))),
    Broken(rule="iam-inline-policy-size", type=INLINE, at="policy", to=identity(Resource=long(10_300))),
    Broken(
        rule="iam-inline-policies-size",
        type=ROLE,
        at="inlinePolicies",
        to=[{"policy": identity(Resource=long(5_200))}] * 2,
        found="inlinePolicies[1].policy",
    ),
    Broken(
        rule="iam-trust-policy-size",
        type=ROLE,
        at="assumeRolePolicy",
        to=policy(*(trusted(Sid=f"s{index}") for index in range(15))),
    ),
    Broken(rule="kms-key-policy-size", type=KMS_KEY, at="policy", to=of_resource(Resource=long(33_000))),
    Broken(rule="s3-bucket-policy-size", type=BUCKET, at="policy", to=of_resource(Resource=long(20_500))),
    Broken(rule="vpc-endpoint-policy-size", type=ENDPOINT, at="policy", to=of_resource(Resource=long(20_500))),
    Broken(
        rule="ecr-repository-policy-size",
        type="aws:ecr/repositoryPolicy:RepositoryPolicy",
        at="policy",
        to=of_resource(Resource=None, Action=["ecr:BatchGetImage"] * 600),
    ),
    Broken(
        rule="sagemaker-group-policy-size",
        type="aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        at="resourcePolicy",
        to=of_resource(Resource=long(20_500)),
    ),
    Broken(rule="sns-topic-policy-size", type=TOPIC_POLICY, at="policy", to=of_resource(Resource=long(30_900))),
    # grammar
    Broken(rule="policy-grammar", type=MANAGED, at="policy", to="{"),
    Broken(rule="policy-grammar", type=MANAGED, at="policy", to="[]"),
    Broken(rule="policy-grammar", type=MANAGED, at="policy", to=policy()),
    *(
        Broken(rule="policy-grammar", type=kind, at=at, to=to, found=f"{at}.Statement[0]")
        for kind, at, to in (
            (MANAGED, "policy", identity(Effect="allow")),
            (MANAGED, "policy", identity(Action=None)),
            (MANAGED, "policy", identity(NotAction="s3:*")),
            (MANAGED, "policy", identity(Action="GetObject")),
            (MANAGED, "policy", identity(Resource=None)),
            (MANAGED, "policy", identity(NotResource="arn:aws:s3:::b/*")),
            (MANAGED, "policy", identity(Principal="*")),
            (BUCKET, "policy", identity()),
            (ROLE, "assumeRolePolicy", trust(Resource="*")),
            (ROLE, "assumeRolePolicy", trust(Principal=None)),
        )
    ),
    Broken(rule="policy-version", type=MANAGED, at="policy", to=policy(statement(), version="2008-10-17")),
    Broken(
        rule="policy-sids",
        type=MANAGED,
        at="policy",
        to=identity(Sid="read it"),
        found="policy.Statement[0]",
    ),
    Broken(
        rule="policy-sids",
        type=BUCKET,
        at="policy",
        to=policy(resource_statement(), resource_statement()),
        found="policy.Statement[1]",
    ),
    # principals
    *(
        Broken(
            rule="policy-principals",
            type=BUCKET,
            at="policy",
            to=of_resource(Principal=principal),
            found="policy.Statement[0]",
        )
        for principal in (
            {"AWS": f"arn:aws:iam::{ACCOUNT}:role/bulkhead/*"},
            {"AWS": f"arn:aws:iam::{ACCOUNT}:group/admins"},
            {"AWS": "12345"},
            {"Service": "sagemaker"},
            {"Role": ADMIN},
        )
    ),
    *(
        Broken(rule="policy-everyone", type=kind, at="policy", to=to, found="policy.Statement[0]")
        for kind, to in (
            (BUCKET, of_resource(Principal="*")),
            (BUCKET, of_resource(Principal={"AWS": "*"}, Condition={"StringNotEquals": {"aws:PrincipalArn": ADMIN}})),
            (BUCKET, of_resource(Principal="*", Condition={"StringEqualsIfExists": {"aws:PrincipalArn": ADMIN}})),
            (KMS_KEY, of_resource(Principal="*", Action="kms:*", Condition={"StringEquals": {"kms:ViaService": "s3"}})),
            (ENDPOINT, of_resource(Principal="*", Resource="*")),
        )
    ),
    Broken(
        rule="policy-not-principal",
        type=BUCKET,
        at="policy",
        to=of_resource(Principal=None, NotPrincipal={"AWS": ADMIN}, Effect="Deny"),
        found="policy.Statement[0]",
    ),
    # trust
    *(
        Broken(rule=rule, type=ROLE, at="assumeRolePolicy", to=to, found="assumeRolePolicy.Statement[0]")
        for rule, to in (
            ("trust-github-subject", github({"StringEquals": _AUDIENCE})),
            ("trust-github-subject", github({"StringEquals": _AUDIENCE, "StringLike": {f"{GITHUB}:sub": "*"}})),
            ("trust-github-subject", github({"StringEquals": _AUDIENCE, "StringNotLike": _SUBJECT})),
            ("trust-oidc-audience", github({"StringEquals": _SUBJECT})),
            (
                "trust-session-tags",
                trust(Principal={"AWS": ADMIN}, Condition={"StringEquals": {"aws:RequestTag/tenant": "acme"}}),
            ),
            ("trust-service-source", trust(Condition=None)),
        )
    ),
    # identities
    *(
        Broken(rule=rule, type=kind, at="policy", to=to, found="policy.Statement[0]")
        for rule, kind, to in (
            ("policy-no-resource-level", INLINE, identity(Action="ecr:GetAuthorizationToken")),
            ("policy-no-resource-level", MANAGED, identity(Action=["s3:GetObject", "cloudwatch:PutMetricData"])),
            ("policy-every-resource", INLINE, identity(Resource="*")),
            ("policy-every-resource", INLINE, identity(Action=None, NotAction="iam:*", Resource=["*"])),
            ("policy-resource-arns", MANAGED, identity(Resource="my-bucket/*")),
            ("policy-resource-arns", BUCKET, of_resource(Resource=["arn:aws:s3:::b", "b/*"])),
        )
    ),
    # keys, buckets, topics
    Broken(rule="kms-lockout", type=KMS_KEY, at="policy", to=of_resource(Action="kms:Decrypt", Resource="*")),
    Broken(rule="kms-lockout", type=KMS_KEY, at="policy", to=...),
    *(
        Broken(rule=rule, type=BUCKET, at="policy", to=to, found="policy.Statement[0]")
        for rule, to in (
            ("s3-encryption-header", of_resource(Effect="Deny", Condition={"StringNotEquals": _DENY_KEY})),
            ("s3-encryption-header", of_resource(Effect="Deny", Condition={"ArnNotLike": _DENY_KEY})),
            ("s3-bucket-and-objects", of_resource(Effect="Deny", Action="s3:*", Resource="arn:aws:s3:::b")),
            ("s3-bucket-and-objects", of_resource(Effect="Deny", Action="s3:*", Resource="arn:aws:s3:::b/*")),
        )
    ),
    Broken(
        rule="sns-topic-actions",
        type=TOPIC_POLICY,
        at="policy",
        to=of_resource(Action="sns:*", Resource=TOPIC),
        found="policy.Statement[0]",
    ),
    Broken(rule="vpc-endpoint-policy", type=ENDPOINT, at="policy", to=...),
)
