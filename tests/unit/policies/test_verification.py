"""The role of a tenant's smoke tests: what it may do, where, and that it is nowhere unless the platform asks for it."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from infra import naming
from infra.policies import boundary
from infra.policies.document import PolicyDocument
from infra.policies.roles import identity
from infra.policies.trust import trust
from infra.spec.platform import PlatformSpec, Verification
from tests.components.specs import tenant
from tests.unit.policies.documents import (
    ACME,
    LONGEST_PLATFORM,
    LONGEST_TENANT,
    PLATFORM,
    WORKERS,
    allows,
    changed,
    statement,
    tenant_documents,
)

WITHOUT: PlatformSpec = PLATFORM.model_copy(update={"verification": None})
ROLE = naming.role_arn(PLATFORM, ACME, "verification")
PLACE = "arn:aws:s3:::bh-dev-acme-models-51faef04/bulkhead/verification/*"


def test_it_puts_gets_and_removes_in_its_own_place_and_invokes() -> None:
    allowed = {
        (action, arn)
        for each in allows(identity(PLATFORM, ACME, "verification"))
        for action in each.actions
        for arn in each.resources
    }
    endpoints = "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/bh-dev-acme-*"
    assert allowed == {
        *((f"s3:{verb}", PLACE) for verb in ("PutObject", "GetObject", "DeleteObjectVersion")),
        *(
            (f"sagemaker:{verb}", endpoints)
            for verb in ("InvokeEndpoint", "InvokeEndpointAsync", "InvokeEndpointWithResponseStream")
        ),
    }


def test_it_uses_the_key_for_the_bucket_and_its_own_objects_only() -> None:
    use = statement(tenant_documents(PLATFORM, ACME)["key"], "UseInSmokeTests")
    assert use.principal is not None
    assert (use.principal.aws, use.actions) == ((ROLE,), ("kms:Decrypt", "kms:GenerateDataKey"))
    assert use.conditions == {
        "StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": ("arn:aws:s3:::bh-dev-acme-models-51faef04", PLACE)},
    }


def held_to(document: PolicyDocument, arn: str) -> bool:
    """Whether a bucket's policy denies the role everything but what is at a place."""
    deny = statement(document, "VerificationInItsPlaceOnly")
    everything = (deny.effect, deny.actions, deny.resources) == ("Deny", ("s3:*",), ())
    return (
        everything and deny.not_resources == (arn,) and deny.conditions == {"ArnEquals": {"aws:PrincipalArn": (ROLE,)}}
    )


def test_the_bucket_holds_it_to_its_place_whatever_its_own_policy_says() -> None:
    document = tenant_documents(PLATFORM, ACME)["bucket of models"]
    assert held_to(document, PLACE)
    everywhere = changed(
        document, "VerificationInItsPlaceOnly", not_resources=(PLACE.replace("bulkhead/verification/", ""),)
    )
    assert not held_to(everywhere, PLACE), "the broken twin"


@pytest.mark.parametrize("kind", ["data", "capture"])
def test_other_buckets_do_not_know_it(kind: str) -> None:
    assert ROLE not in tenant_documents(PLATFORM, ACME)[f"bucket of {kind}"].render()


def test_in_the_boundary_versions_go_in_its_place_only() -> None:
    """The denial spares no other action, and no other place."""
    document = boundary.tenant_boundary(PLATFORM, ACME)
    keep = statement(document, "KeepVersions")
    assert (keep.effect, keep.actions, keep.resources) == ("Deny", ("s3:DeleteObjectVersion*",), ())
    assert (keep.not_resources, keep.conditions) == ((PLACE,), {})
    guards = (*statement(document, "ChangeNoGuard").actions, *keep.actions)
    assert sorted(guards) == sorted(boundary.GUARDS)


def test_of_a_tenant_whose_id_extends_anothers_it_reaches_nothing() -> None:
    theirs = naming.verification_objects_arn(PLATFORM, tenant("acmeeu")).replace("*", "smoke-test")
    assert not fnmatchcase(theirs, PLACE)
    assert trust(PLATFORM, tenant("acmeeu"), "verification") != trust(PLATFORM, ACME, "verification")


def test_without_the_setting_no_policy_knows_of_it() -> None:
    """What is deployed stays as it is until the platform's spec names who verifies."""
    documents = tenant_documents(WITHOUT, ACME)
    assert not [name for name, each in documents.items() if "verification" in name or "verification" in each.render()]
    assert [name for name in tenant_documents(PLATFORM, ACME) if "verification" in name], "the positive control"
    with pytest.raises(ValueError, match="nobody who verifies"):
        trust(WITHOUT, ACME, "verification")


def test_with_it_the_longest_boundary_fits() -> None:
    platform = LONGEST_PLATFORM.model_copy(update={"verification": Verification(worker_role_arn=WORKERS)})
    assert 6_000 < len(boundary.tenant_boundary(platform, LONGEST_TENANT).render()) <= boundary.MAX_SIZE
