"""The holes of published multi-tenant blueprints: each is built in and breaks a promise; the sound twin keeps it.

Sources: IAM User Guide, "Set operators for multivalued context keys" (ForAllValues on an absent key); AWS KMS Developer
Guide, "AWS KMS condition keys" (kms:CallerAccount); SageMaker AI Developer Guide, "Multi-model endpoints"; GitHub Docs,
"Configuring OpenID Connect in Amazon Web Services".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from infra import naming
from infra.policies.document import ANYONE, PolicyDocument, Principal, Statement
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt, compiled
from tests.isolation.broken.blueprint import ACME, PLATFORM, documents
from tests.isolation.broken.checks import checks_of
from tests.isolation.broken.promises import PROMISES

Change = Callable[[PolicyDocument], PolicyDocument]


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A hole built into one of our documents.

    Args:
        document: The document's name.
        change: What makes of it what was published.
        promise: The promise that fails for it.
    """

    document: str
    change: Change
    promise: str


def changing(sid: str, **changes: object) -> Change:
    """One statement with other elements."""

    def changed(policy: PolicyDocument) -> PolicyDocument:
        assert sid in {each.sid for each in policy.statements}
        return PolicyDocument(
            tuple(replace(each, **changes) if each.sid == sid else each for each in policy.statements)
        )

    return changed


def adding(*statements: Statement) -> Change:
    """More statements."""
    return lambda policy: PolicyDocument((*policy.statements, *statements))


def _allow(*actions: str, resource: str = "*", **more: object) -> Statement:
    return replace(Statement(sid="AsPublished", actions=actions, resources=(resource,)), **more)


def _by_prefix(policy: PolicyDocument) -> PolicyDocument:
    """The tenant's id as a prefix, without a character that ends it."""
    start = f"{naming.prefix(PLATFORM, ACME)}-"
    return PolicyDocument(
        tuple(replace(each, resources=tuple(_cut(arn, start) for arn in each.resources)) for each in policy.statements)
    )


def _cut(arn: str, start: str) -> str:
    head, found, _ = arn.partition(start)
    return f"{head}{start.removesuffix('-')}*" if found else arn


HOLES = {
    "a prefix that also matches a tenant whose id extends it": Hole(
        document="acme.identity.data-scientist",
        change=_by_prefix,
        promise="no tenant reaches another tenants buckets",
    ),
    "an execution role that administers its own key": Hole(
        document="acme.key",
        change=adding(
            _allow("kms:*", principal=Principal(aws=(naming.role_arn(PLATFORM, ACME, "training"),))),
        ),
        promise="who uses a key does not administer it",
    ),
    "a key for everybody of the account who comes by a service": Hole(
        document="acme.key",
        change=adding(
            _allow(
                "kms:Decrypt",
                "kms:GenerateDataKey",
                principal=ANYONE,
                conditions={
                    "StringEquals": {
                        "kms:CallerAccount": PLATFORM.account,
                        "kms:ViaService": f"s3.{PLATFORM.region}.amazonaws.com",
                    }
                },
            )
        ),
        promise="no tenant reaches another tenants key",
    ),
    "a bucket policy that denies Get, Put and List only": Hole(
        document="acme.bucket.data",
        change=changing("NobodyElse", actions=("s3:GetObject", "s3:PutObject", "s3:ListBucket")),
        promise="nobody else of the account reaches a tenants bucket",
    ),
    "an endpoint policy for buckets called sagemaker of any account": Hole(
        document="acme.endpoint.s3",
        change=adding(
            _allow("s3:GetObject", "s3:PutObject", resource="arn:aws:s3:::*sagemaker*", principal=ANYONE),
        ),
        promise="no data leaves through the s3 endpoint",
    ),
    "an execution role with all of S3": Hole(
        document="acme.identity.training",
        change=adding(_allow("s3:*")),
        promise="no tenant reaches another tenants buckets",
    ),
    "a provisioner that may do everything": Hole(
        document="platform.identity.provisioning.identities",
        change=adding(_allow("*")),
        promise="it makes no unbounded role",
    ),
    "an OIDC trust for a whole repository": Hole(
        document="acme.trust.deploy",
        change=changing(
            "OneEnvironmentOfOneRepository",
            conditions={
                "StringEquals": {f"{naming.GITHUB_OIDC}:aud": "sts.amazonaws.com"},
                "StringLike": {f"{naming.GITHUB_OIDC}:sub": "repo:acme/models:*"},
            },
        ),
        promise="only one environment of one repository deploys",
    ),
    "an endpoint of several models whose target nobody binds": Hole(
        document="acme.identity.invoke",
        change=changing("InvokeOwnEndpoints", conditions={}),
        promise="no call chooses among models",
    ),
    "a model with a VPC but without network isolation": Hole(
        document="platform.identity.provisioning.workloads",
        change=changing("MakeIsolatedModels", conditions={"Null": {"sagemaker:VpcSubnets": "false"}}),
        promise="it makes no model that could call out",
    ),
    "a job without a key for its volume": Hole(
        document="acme.identity.data-scientist",
        change=changing("StartPrivateEncryptedJobs", conditions={"StringEquals": {"aws:RequestTag/tenant": ACME.id}}),
        promise="no job is open or unencrypted",
    ),
}


@pytest.mark.parametrize("hole", HOLES.values(), ids=HOLES)
def test_the_hole_breaks_a_promise_and_the_sound_document_keeps_it(hole: Hole) -> None:
    """As published it lets a request through that must never pass; as ours stands it does not."""
    sound = documents()[hole.document]
    published = {hole.document: compiled(replace(sound, policy=hole.change(sound.policy)))}
    checks = list(checks_of(PROMISES[hole.promise]))
    assert not any(check.attempt.allowed(check.layer) for check in checks)
    assert any(check.attempt.allowed(check.layer, published) for check in checks)


# A table that tenants share: the blueprint has none, so its role's policy is made here.

SHARED_TABLE = things.any_arn("dynamodb", "table/shared", "a table that tenants share")
_KEYS = "dynamodb:LeadingKeys"


def _on_the_table(conditions: dict[str, dict[str, str]], *actions: str) -> Change:
    return adding(_allow(*actions, resource=SHARED_TABLE.arn, conditions=conditions))


def _tries_the_table(change: Change, action: str, *keys: str) -> bool:
    """Whether acme's training role gets at items of the table, by its own policy alone."""
    name = "acme.identity.training"
    sound = documents()[name]
    attempt = Attempt(
        who=replace(people.role(ACME, "training"), identity=(name,), boundary=None),
        action=f"dynamodb:{action}",
        what=SHARED_TABLE,
        context={_KEYS: list(keys)} if keys else {},
    )
    return attempt.allowed(changed={name: compiled(replace(sound, policy=change(sound.policy)))})


def test_a_scan_of_a_shared_table_under_for_all_values() -> None:
    """A scan names no keys, for which ForAllValues is true: all tenants' items. And the prefix needs its end."""
    published = _on_the_table({"ForAllValues:StringLike": {_KEYS: "acme*"}}, "dynamodb:Query", "dynamodb:Scan")
    assert _tries_the_table(published, "Scan")
    assert _tries_the_table(published, "Query", "acmeeu-1")
    sound = _on_the_table({"ForAllValues:StringLike": {_KEYS: "acme-*"}, "Null": {_KEYS: "false"}}, "dynamodb:Query")
    assert not _tries_the_table(sound, "Scan")
    assert not _tries_the_table(sound, "Query")
    assert not _tries_the_table(sound, "Query", "acmeeu-1")
    assert not _tries_the_table(sound, "Query", "acme-1", "globex-1")
    assert _tries_the_table(sound, "Query", "acme-1")
