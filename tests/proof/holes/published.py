"""The holes of published multi-tenant blueprints, each as an estate that has it and a twin that does not.

Sources: IAM User Guide, "Set operators for multivalued context keys"; AWS KMS Developer Guide, "AWS KMS condition keys"
(kms:ViaService, kms:CallerAccount); SageMaker AI Developer Guide, "Multi-model endpoints"; GitHub Docs, "Configuring
OpenID Connect in Amazon Web Services".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.proof.report import Claim
from tests.proof.points.cases import Case
from tests.proof.points.reaching import behind
from tests.proof.points.small import (
    ACCOUNT,
    REGION,
    Small,
    Statement,
    allow,
    both,
    bucket_arn,
    deny,
    document,
    role_arn,
    trusting,
)

_WORKER = role_arn("acme-worker")
_EVERY_ROLE = f"arn:aws:iam::{ACCOUNT}:root"
_GITHUB = "token.actions.githubusercontent.com"
_SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"


def cases() -> Iterator[Case]:
    """All of them."""
    yield _prefix()
    yield _scan()
    yield _own_key()
    yield _key_for_all()
    yield _some_denied()
    yield _any_account()
    yield from _too_much()
    yield _whole_repository()
    yield _any_model()
    yield _unencrypted()


def _reading(*statements: Statement) -> Small:
    small = Small().settled()
    small.acme.worker(*statements)
    return small


def _prefix() -> Case:
    def shared(pattern: str) -> Small:
        small = _reading(allow("s3:GetObject", on=pattern))
        small.globex.bucket("acme-eu-data", tagsAll={"tenant": "globex"})
        return _private(small, "acme-eu-data")

    names = bucket_arn("acme-")
    return Case(0, "a tenant's id and a hyphen as a prefix", shared(f"{names}*"), shared(f"{names}data/*"))


def _private(small: Small, name: str) -> Small:
    """What a bucket of globex needs so that nothing else is wrong with it."""
    rule = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": small.globex.key_arn}
    small.globex.add(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        name,
        {"bucket": name, "rules": [{"applyServerSideEncryptionByDefault": rule}]},
    )
    tls = deny("s3:*", on=both(name), when={"Bool": {"aws:SecureTransport": "false"}}, Principal="*")
    small.globex.add("aws:s3/bucketPolicy:BucketPolicy", name, {"bucket": name, "policy": document(tls)})
    return small


def _scan() -> Case:
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/globex-items"
    keys = "dynamodb:LeadingKeys"

    def shared(action: str, when: dict[str, Any]) -> Small:
        small = _reading(allow(action, on=table, when=when))
        encryption = {"serverSideEncryption": {"enabled": True, "kmsKeyArn": small.globex.key_arn}}
        small.globex.thing("aws:dynamodb/table:Table", "globex-items", table, **encryption)
        return small

    return Case(
        0,
        "a Scan of another's table under ForAllValues",
        shared("dynamodb:Scan", {"ForAllValues:StringLike": {keys: "acme-*"}, "Null": {keys: "true"}}),
        shared("dynamodb:Scan", {"ForAnyValue:StringLike": {keys: "acme-*"}, "Null": {keys: "true"}}),
    )


def _own_key() -> Case:
    def key(*actions: str) -> Small:
        small = Small().settled(acme_key=False)
        small.acme.worker()
        small.acme.key(
            allow("kms:*", Principal={"AWS": role_arn("platform-administrator")}),
            allow(*actions, Principal={"AWS": _WORKER}),
        )
        return small

    return Case(
        0,
        "an execution role that administers its own key",
        key("kms:Decrypt", "kms:ScheduleKeyDeletion"),
        key("kms:Decrypt", "kms:DescribeKey"),
        claim=Claim.FOUNDATION,
    )


def _key_for_all() -> Case:
    account, via = {"kms:CallerAccount": ACCOUNT}, {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}

    def key(more: dict[str, Any]) -> Small:
        small = Small().settled(globex_key=False)
        small.acme.worker()
        small.globex.key(
            allow("kms:*", Principal={"AWS": role_arn("platform-administrator")}),
            allow("kms:Decrypt", Principal="*", when={"StringEquals": {**account, **via}, **more}),
        )
        return small

    own = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/globex-*"}}
    return Case(0, "a key for everybody of the account who comes by a service", key({}), key(own))


def _some_denied() -> Case:
    def walled(*actions: str) -> Small:
        small = Small().settled(globex_data=False)
        small.acme.worker(allow("s3:GetObject*", "s3:PutObject", "s3:DeleteObject*", "s3:ListBucket*"))
        others = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/globex-*"}}
        small.globex.data(deny(*actions, on=both("globex-data"), when=others, Principal="*"))
        return small

    return Case(
        0,
        "a bucket policy that denies Get, Put and List only",
        walled("s3:GetObject", "s3:PutObject", "s3:ListBucket"),
        walled("s3:*"),
    )


def _any_account() -> Case:
    through = deny("s3:*", when={"StringNotEquals": {"aws:SourceVpce": "vpce-00000000000000001"}})
    read = allow("s3:GetObject", on="arn:aws:s3:::*")

    def endpoint(*statements: Statement) -> Small:
        small = behind(document(*({**one, "Principal": "*"} for one in statements)), read, through)
        small.globex.bucket("globex-sagemaker", tagsAll={"tenant": "globex"})
        return _private(small, "globex-sagemaker")

    return Case(
        0,
        "an endpoint policy for buckets called sagemaker of any account",
        endpoint(allow("s3:GetObject", on=f"{bucket_arn('*sagemaker*')}")),
        endpoint(allow("s3:GetObject", on=both("acme-data"), when={"StringEquals": {"aws:ResourceAccount": ACCOUNT}})),
    )


def _too_much() -> Iterator[Case]:
    yield Case(
        0,
        "one execution role with all of S3",
        _reading(allow("s3:*")),
        _reading(allow("s3:GetObject", "s3:PutObject", "s3:ListBucket", on=both("acme-data"))),
    )

    def provisioner(statement: Statement) -> Small:
        small = Small().settled()
        small.acme.worker(allow("sts:AssumeRole", on=role_arn("platform-provisioner")))
        small.platform.worker(statement, name="provisioner", assumeRolePolicy=trusting({"AWS": _EVERY_ROLE}))
        return small

    yield Case(
        0,
        "a provisioner that may do everything, and that a tenant can become",
        provisioner(allow("*")),
        provisioner(allow("ec2:DescribeVpcs", "ec2:DescribeSubnets")),
    )


def _whole_repository() -> Case:
    def deploying(operator: str, subject: str) -> Small:
        small = Small().settled()
        provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_GITHUB}"
        when = {"StringEquals": {f"{_GITHUB}:aud": "sts.amazonaws.com"}}
        own = {**when, operator: {**when.get(operator, {}), f"{_GITHUB}:sub": subject}}
        for tenant, repository in ((small.acme, "acme/models"), (small.globex, subject)):
            pinned = {
                "StringEquals": {
                    f"{_GITHUB}:aud": "sts.amazonaws.com",
                    f"{_GITHUB}:sub": f"repo:{repository}:environment:production",
                }
            }
            trust = trusting(
                {"Federated": provider}, "sts:AssumeRoleWithWebIdentity", when=pinned if tenant is small.acme else own
            )
            tenant.worker(
                allow("s3:GetObject", on=f"{bucket_arn(tenant.name)}-data/*"), name="deploy", assumeRolePolicy=trust
            )
        return small

    return Case(
        0,
        "an OIDC trust for all repositories of an organisation",
        deploying("StringLike", "repo:acme/*"),
        deploying("StringEquals", "repo:globex/models:environment:production"),
    )


def _any_model() -> Case:
    def invoking(when: dict[str, Any] | None) -> Small:
        small = _reading(allow("sagemaker:InvokeEndpoint", on=f"{_SAGEMAKER}endpoint/globex-shared", when=when))
        small.globex.thing("aws:sagemaker/endpoint:Endpoint", "globex-shared", f"{_SAGEMAKER}endpoint/globex-shared")
        return small

    never = {"StringEquals": {"sagemaker:TargetModel": "acme.tar.gz"}, "Null": {"sagemaker:TargetModel": "true"}}
    return Case(0, "an endpoint of several models whose target nobody binds", invoking(None), invoking(never))


def _unencrypted() -> Case:
    def serving(**more: str) -> Small:
        small = Small().settled()
        name = "acme-config"
        small.acme.thing(
            "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
            name,
            f"{_SAGEMAKER}endpoint-config/{name}",
            **more,
        )
        return small

    return Case(
        0,
        "a model that is served without a key",
        serving(),
        serving(kmsKeyArn=Small().acme.key_arn),
        claim=Claim.ENCRYPTION,
    )
