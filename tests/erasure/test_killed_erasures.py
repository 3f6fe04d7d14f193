"""An erasure killed again and again at every step ends with everything gone, once, and a certificate that says so.

The cloud is the embedded one, which decides every call by policies: the steps act as the provisioning role, held to one
tenant. There is no stack here: what the engine does in an erasure is tried with the real one, in tests/acceptance.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.request import urlopen

import pytest

from infra import naming
from infra.erasure import inventory, signing
from infra.erasure.kinds import EMBEDDED
from infra.erasure.ownership import Owner
from infra.jobs.model import JobFailure
from infra.lifecycle.failures import FailureClass
from infra.lifecycle.states import OperationKind
from infra.lifecycle.steps import STEPS
from infra.live.account import Unread
from infra.provisioning import certificates
from infra.provisioning.exports import link
from infra.spec import TenantSpec, load_tenant
from infra.store import erasures, tenants
from infra.store.database import reading
from tests.components import specs
from tests.erasure import populated
from tests.erasure.erasing_land import ErasingLand, erasing_land
from tests.erasure.populated import ACME, NEIGHBOUR, PLATFORM

#: After how many effects a step is struck down: at the first, then every few, and when it has done all.
_FIRST, _EVERY, _AT_THE_END = 1, 14, 0
#: What closes access needs a stack and a whole spec.
_STEPS = [step.name for step in STEPS[OperationKind.ERASE] if step.name != "close access"]


#: Of whom there is little, for what needs no more.
BETA = Owner(PLATFORM, specs.tenant("beta"))


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ErasingLand]:
    with erasing_land(tmp_path_factory.mktemp("erasing")) as made:
        for owner in (ACME, NEIGHBOUR, BETA):
            made.admit(owner.id)
            if owner is not BETA:
                populated.populate(owner, made.client, disks=False)
                _tag_secret(made, owner)
        made.admit("gamma")
        made.suspended("gamma")
        yield made


def _tag_secret(land: ErasingLand, owner: Owner) -> None:
    secret = f"by-key-of-{owner.id}"
    land.client("secretsmanager").tag_resource(SecretId=secret, Tags=populated.tag_list(owner.tenant))


def _said(land: ErasingLand, owner: Owner) -> set[tuple[str, str, int, str]]:
    """What is a tenant's, as its own erasure would see it."""
    found = inventory.take(land.held_to(owner.id), owner, EMBEDDED)
    assert found.not_read == ()
    return {(item.kind, item.id, item.count, item.expires) for item in found.items}


def _killed_until_done(
    land: ErasingLand, step: str, tenant: str = "acme", every: int = _EVERY, **arguments: Any
) -> tuple[dict[str, Any], int]:
    """Run a step until an attempt lives to answer; returns the answer, and how often it was killed."""
    killed = 0
    for strike in (_FIRST, *[every] * 40):
        outcome = land.step(tenant, step, strike=strike, **arguments)
        if isinstance(outcome, dict):
            break
        assert "ended before it answered" in outcome.message, outcome
        killed += 1
    outcome = land.step(tenant, step, strike=_AT_THE_END, **arguments)
    assert isinstance(outcome, JobFailure)
    assert "ended before it answered" in outcome.message, outcome
    outcome = land.step(tenant, step, **arguments)
    assert isinstance(outcome, dict), outcome
    return cast("dict[str, Any]", outcome), killed + 1


def test_what_nothing_but_its_key_makes_the_tenants_is_told_and_stops_the_erasure(land: ErasingLand) -> None:
    """A secret without the tenant's name or tag is out of the role's reach, and no certificate is issued over it."""
    key = populated.make_key(BETA.tenant, land.client)["key"]
    land.client("secretsmanager").create_secret(Name="by-key-of-beta", SecretString="s", KmsKeyId=key)
    failure = land.step("beta", "remove")
    assert isinstance(failure, JobFailure)
    assert failure.failure_class is FailureClass.INTERNAL
    assert "secretsmanager:secret by-key-of-beta" in failure.message
    assert "AccessDenied" in failure.message
    for step in ("inventory", "certify"):
        left = land.step("beta", step)
        assert isinstance(left, JobFailure)
        assert left.failure_class is FailureClass.INTERNAL
        assert "things of beta are left: secretsmanager:secret by-key-of-beta" in left.message
    with reading(land.store) as connection:
        assert erasures.certificate_of(connection, "beta") is None
    assert land.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled", "keys go last"
    _tag_secret(land, BETA)
    assert isinstance(land.step("beta", "remove"), dict)
    assert isinstance(land.step("beta", "inventory"), dict)


def test_an_erasure_killed_at_every_step_ends_as_if_nothing_had_happened(land: ErasingLand, tmp_path: Path) -> None:
    spec = land.land.specs / "acme.yaml"
    assert spec.exists()
    neighbours = _said(land, NEIGHBOUR)
    before = _said(land, ACME)
    kills = {step: _killed_until_done(land, step) for step in _STEPS}
    assert sum(killed for _, killed in kills.values()) > 2 * len(_STEPS)
    assert _said(land, NEIGHBOUR) == neighbours
    assert {kind for kind, *_ in _said(land, ACME)} == {"kms:key", "cloudwatch:metric"}, "what ends by itself"
    with reading(land.store) as connection:
        kept = erasures.certificate_of(connection, "acme")
        assert erasures.entries(connection, "acme") == []
        assert json.loads(tenants.get(connection, "acme").spec) == {"id": "acme"}
        assert "lead@" in tenants.get(connection, "acmeeu").spec, "the positive control"
    assert kept is not None
    document = tmp_path / "acme.json"
    document.write_text(kept.json)
    key = tmp_path / "platform.pub.pem"
    key.write_text(certificates.public_key(land.land.settings))
    certified = signing.verify(document, signing.read_key(key))
    assert kept.pdf.startswith(b"%PDF-")
    told = [(one.kind, one.id) for one in certified.removed]
    assert len(told) == len(set(told)), "each thing is told once"
    assert {(kind, name) for kind, name, _, expires in before if not expires} <= set(told)
    assert {one.outcome for one in certified.removed} <= {"removed", "scheduled", "gone"}
    assert certified.requested_by == "ann@acme.example"
    assert ":assumed-role/bh-dev-platform-provisioning/" in certified.performed_by
    assert not spec.exists()
    assert (land.land.specs / "globex.yaml").exists()


def test_an_export_killed_again_and_again_is_whole_and_leaves_nothing_open(land: ErasingLand) -> None:
    _, spec = load_tenant(land.land.platform, land.land.specs / "gamma.yaml")
    before = _doors(land, spec)
    answer, killed = _killed_until_done(land, "export", "gamma", every=24, export=True)
    assert killed > 2
    exported = answer["result"]["exported"]
    assert (exported["objects"], exported["manifest"].partition("/gamma/")[2]) == (
        4, "erase-gamma/manifest-sha256.txt"
    )  # fmt: skip
    for kind in ("data", "models", "capture"):
        url = exported["manifest"].replace("manifest-sha256.txt", f"data/{kind}/{kind}/of/gamma")
        with urlopen(link(land.land.settings, url)) as fetched:  # noqa: S310 - a link that the embedded cloud signed
            assert fetched.read() == kind.encode()
    assert _doors(land, spec) == before
    names = [each["RoleName"] for each in land.client("iam").list_roles()["Roles"]]
    assert not [name for name in names if "gamma" in name], "the role is gone"


def _doors(land: ErasingLand, spec: TenantSpec) -> list[Any]:
    """What says who reaches a tenant's data."""
    account = land.held_to(spec.id)
    arn = naming.boundary_arn(PLATFORM, spec)
    default = account.read("iam", "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
    boundary = account.read("iam", "get_policy_version", PolicyArn=arn, VersionId=default)["PolicyVersion"]["Document"]
    key = account.read("kms", "describe_key", KeyId=naming.key_alias(PLATFORM, spec))["KeyMetadata"]["KeyId"]
    buckets = (naming.bucket(PLATFORM, spec, kind) for kind in ("data", "models", "capture"))
    policies = [account.read("s3", "get_bucket_policy", Bucket=bucket)["Policy"] for bucket in buckets]
    policies.append(account.read("kms", "get_key_policy", KeyId=key, PolicyName="default")["Policy"])
    return [boundary, *(json.loads(str(policy)) for policy in policies)]


def test_keys_wait_as_long_as_was_asked_for(land: ErasingLand) -> None:
    """A stack's own destroy has scheduled the key for 30 days; the erasure asks for 7."""
    kms = land.client("kms")
    key = populated.make_key(BETA.tenant, land.client)["key"]
    kms.delete_alias(AliasName=naming.key_alias(PLATFORM, BETA.tenant))
    late = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)["DeletionDate"]
    assert isinstance(land.step("beta", "remove", window_days=7), dict)
    soon = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert soon["KeyState"] == "PendingDeletion"
    assert 22 <= (late - soon["DeletionDate"]).days <= 23
    assert isinstance(land.step("beta", "remove", window_days=30), dict)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["DeletionDate"] == soon["DeletionDate"], "never later"


_OTHERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "by name": ("s3", "delete_bucket_policy", {"Bucket": naming.bucket(PLATFORM, NEIGHBOUR.tenant, "capture")}),
    "by path": (
        "iam", "delete_role_policy",
        {"RoleName": naming.role(PLATFORM, NEIGHBOUR.tenant, "training"), "PolicyName": "access"},
    ),
    "by tag": ("secretsmanager", "delete_secret", {"SecretId": "by-key-of-acmeeu"}),
    "as a topic": (
        "sns", "delete_topic",
        {"TopicArn": naming.topic_arn(PLATFORM, naming.alerts_topic(PLATFORM, NEIGHBOUR.tenant))},
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", _OTHERS)
def test_an_erasure_of_one_tenant_cannot_touch_another(land: ErasingLand, how: str) -> None:
    """Not even where a defect would ask for it AWS lets it; the other's own erasure may."""
    service, operation, request = _OTHERS[how]
    with pytest.raises(Unread, match="explicit deny"):
        land.held_to("acme").change(service, operation, **request)
    land.held_to("acmeeu").change(service, operation, **request)
