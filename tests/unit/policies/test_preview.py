"""The role that previews pull requests: one environment of one repository assumes it, and it only reads."""

from __future__ import annotations

import pytest

from infra import naming
from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel
from infra.policies import bucket, preview
from infra.policies.document import PolicyDocument
from infra.spec.platform import Audit, PreviewIdentity
from tests.unit.policies.documents import ACME, KEY, PLATFORM, VPCE, allows, changed, statement

STATE_KEY = "arn:aws:kms:eu-central-1:123456789012:key/5a1e0000-1e00-4000-8000-000000000000"
PREVIEW = PreviewIdentity(repository="octo/platform", state_bucket="octo-state", state_key=STATE_KEY)
WITH = PLATFORM.model_copy(update={"preview": PREVIEW})
ROLE = naming.platform_role_arn(PLATFORM, "preview")


def only_reads(document: PolicyDocument) -> bool:
    """Whether every allowed action is a known one that reads or lists; decrypting reads what is encrypted."""
    for each in allows(document):
        for name in each.actions:
            service, _, action = name.partition(":")
            known = catalogue.action(service, action)
            level = known.access_level if known else None
            if level not in (AccessLevel.READ, AccessLevel.LIST) and name != "kms:Decrypt":
                return False
    return True


def test_it_only_reads() -> None:
    """By the catalogue's levels of access; a twin that may write is found."""
    adopting = WITH.model_copy(update={"audit": Audit(guardduty="adopt")})
    document = preview.identity(adopting, PREVIEW)
    assert only_reads(document)
    assert {"s3:GetObject", "s3:ListBucket", "kms:Decrypt"} <= {
        one for each in allows(document) for one in each.actions
    }
    for action in ("s3:PutObject", "s3:*", "iam:PassRole", "kms:CreateGrant"):
        assert not only_reads(changed(document, "ReadState", actions=(action,)))


def test_it_decrypts_the_state_and_nothing_else() -> None:
    """The state's key is named; without one there is no right to decrypt."""
    assert statement(preview.identity(WITH, PREVIEW), "DecryptState").resources == (STATE_KEY,)
    without = preview.identity(WITH, PREVIEW.model_copy(update={"state_key": None}))
    assert not any("kms:" in action for each in without.statements for action in each.actions)


def test_who_assumes_it() -> None:
    """One environment of one repository: neither a branch, nor a pull request, nor another repository."""
    (only,) = preview.trust(WITH, PREVIEW).statements
    assert only.conditions == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:octo/platform:environment:preview",
        }
    }


@pytest.mark.parametrize("kind", ["data", "models", "capture"])
def test_tenants_buckets_without_previews_are_as_they_were(kind: naming.TenantBucketKind) -> None:
    """Nothing is opened for a role that is not there; with it, of the models bucket alone, and no content."""
    before = bucket.tenant_bucket(PLATFORM, ACME, kind, key_arn=KEY, s3_endpoint_ids=[VPCE])
    after = bucket.tenant_bucket(WITH, ACME, kind, key_arn=KEY, s3_endpoint_ids=[VPCE])
    assert ROLE not in before.render()
    if kind != "models":
        assert after == before
        return
    assert ROLE in str(statement(after, "NobodyElse").conditions)
    denied = statement(after, "PreviewSeesNoContent")
    assert denied.conditions == {"ArnEquals": {"aws:PrincipalArn": (ROLE,)}}
    assert {"s3:PutObject*", "s3:DeleteObject*", "s3:GetObjectVersion*"} <= set(denied.actions)
    assert ROLE not in str(statement(after, "OnlyProvisioningConfigures").conditions)
