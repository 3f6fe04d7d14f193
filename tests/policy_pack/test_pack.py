"""The pack as the engine sees it: policies, levels by regime, configuration, and what is only advised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2

from infra.policy_pack.rules import RULES
from tests.policy_pack.served import Served, served

ADVISORY, MANDATORY, DISABLED = analyzer_pb2.ADVISORY, analyzer_pb2.MANDATORY, analyzer_pb2.DISABLED
_LOGS = "aws:cloudwatch/logGroup:LogGroup"
_SHORT = {"name": "x", "kmsKeyId": "key", "retentionInDays": 14}
_OPEN = {"bucket": "b", "blockPublicAcls": False}
_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.fixture(scope="module", name="running")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with served(HOME=str(home), PULUMI_BACKEND_URL=home.as_uri()) as running:
        yield running


@pytest.fixture(name="pack")
def _pack(running: Served) -> Served:
    running.configure()
    return running


def _of(found: list[tuple[str, int, str]], policy: str) -> list[tuple[int, str]]:
    return [(level, message) for name, level, message in found if name == policy]


def test_every_rule_is_a_policy_with_its_remedy(pack: Served) -> None:
    """The pack has a policy for each rule, beside the proof and those that it needs itself."""
    assert set(pack.policies) == {rule.id for rule in RULES} | {"compliance", "advice", "stack-advice", "isolation"}
    assert all(pack.policies[rule.id].remediation_steps == rule.remedy for rule in RULES)


def test_a_violation_says_what_is_wrong_where_it_is_written_and_what_to_do(pack: Served) -> None:
    """The message has the rule, the property, the source, the control it stands for and the remedy."""
    ((level, message),) = _of(pack.analyze(_BLOCK, {**_OPEN, **_blocked("blockPublicAcls")}), "s3-public-access")
    assert level == MANDATORY
    for part in (
        "All four blocks of public access are on.",
        "blockPublicAcls: public access is not blocked",
        "Blocking public access to your Amazon S3 storage",
        "S3.8",
        "remedy: set it to true",
    ):
        assert part in message


def _blocked(but: str) -> dict[str, bool]:
    keys = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    return {key: True for key in keys if key != but}


def test_a_sound_resource_and_an_unknown_one_pass(pack: Served) -> None:
    """Positive control, and a value that a preview does not know."""
    assert pack.analyze(_BLOCK, {"bucket": "b", **_blocked("")}) == []
    assert pack.analyze(_BLOCK, {"bucket": _UNKNOWN, **dict.fromkeys(_blocked(""), _UNKNOWN)}) == []


@pytest.mark.parametrize(
    ("regimes", "policy", "level"),
    [([], "advice", ADVISORY), (["gdpr"], "advice", ADVISORY), (["gdpr", "hipaa"], "log-retention", MANDATORY)],
)
def test_the_strictest_regime_decides(running: Served, regimes: list[str], policy: str, level: int) -> None:
    """Short logs are advised on, unless a regime that the stack is under demands more."""
    running.configure(compliance=(MANDATORY, {"regimes": regimes}))
    found = running.analyze(_LOGS, _SHORT)
    assert [(name, at) for name, at, _ in found] == [(policy, level)]
    assert "log-retention" in found[0][2]


@pytest.mark.parametrize(
    ("level", "config", "expected"),
    [
        (MANDATORY, '{"levels": {"default": "mandatory"}}', [("log-retention", MANDATORY)]),
        (MANDATORY, '{"levels": {"default": "disabled"}}', []),
        (MANDATORY, '{"days": 7}', []),
        (DISABLED, "{}", []),
        (ADVISORY, '{"levels": {"default": "mandatory"}}', [("log-retention", ADVISORY)]),
    ],
)
def test_a_rule_is_configured(running: Served, level: int, config: str, expected: list[tuple[str, int]]) -> None:
    """Levels by regime, the rule's own values, and Pulumi's enforcement level."""
    running.configure(log_retention=(level, json.loads(config)))
    assert [(name, at) for name, at, _ in running.analyze(_LOGS, _SHORT)] == expected


def test_residency_is_configured_for_the_pack(running: Served) -> None:
    """The Regions of a stack without a specification come from the configuration."""
    running.configure(compliance=(MANDATORY, {"regimes": ["gdpr"], "regions": ["eu-central-1"]}))
    bucket = {"bucket": "of-acme", "region": "us-east-1"}
    assert [name for name, _, _ in running.analyze("aws:s3/bucket:Bucket", bucket)] == ["residency"]
    bucket = {"bucket": "of-acme", "region": "eu-central-1"}
    assert running.analyze("aws:s3/bucket:Bucket", bucket) == []


def test_shared_networks_are_configured_for_the_pack(running: Served) -> None:
    """A constraint that needs to know which VPCs tenants share finds them in the configuration."""
    endpoint = {"vpcId": "vpc-1", "vpcEndpointType": "Interface", "privateDnsEnabled": True}
    for shared, found in (("vpc-1", True), ("vpc-2", False)):
        running.configure(compliance=(MANDATORY, {"sharedVpcs": [shared]}))
        named = [name for name, _, _ in running.analyze("aws:ec2/vpcEndpoint:VpcEndpoint", endpoint)]
        assert ("vpc-endpoint-private-dns" in named) is found


def test_a_specification_says_the_regimes(pack: Served) -> None:
    """Globex is under SOC 2 by its specification: short logs are a violation in its stack."""
    stack = "urn:pulumi:globex::bulkhead-tenants"
    assert [name for name, _, _ in pack.analyze(_LOGS, _SHORT, stack)] == ["log-retention"]
    stack = "urn:pulumi:acme::bulkhead-tenants"
    assert [name for name, _, _ in pack.analyze(_LOGS, _SHORT, stack)] == ["advice"]


def test_a_stack_without_its_specification_is_refused(pack: Served) -> None:
    """Which regimes a tenant's stack is under must be known."""
    stack = "urn:pulumi:nobody::bulkhead-tenants"
    ((level, message),) = _of(pack.analyze("pulumi:pulumi:Stack", {}, stack), "compliance")
    assert level == MANDATORY
    assert "nobody.yaml" in message


_ACCOUNT = "123456789012"
_ROLE = f"arn:aws:iam::{_ACCOUNT}:role/reader"
_IMAGES = f"arn:aws:ecr:eu-central-1:{_ACCOUNT}:repository/images"
_KEY = f"arn:aws:kms:eu-central-1:{_ACCOUNT}:key/1"


def _stack(reads: str, *, key: str = _KEY) -> dict[str, tuple[str, dict[str, Any]]]:
    """Images of globex, and a role of acme that may read some."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    read = {"Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": reads}
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    encrypted = {"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": key}]}
    return {
        "role": (
            "aws:iam/role:Role",
            {"name": "reader", "arn": _ROLE, "assumeRolePolicy": _document(trust), **_tags("acme")},
        ),
        "use": ("aws:iam/rolePolicy:RolePolicy", {"role": "reader", "policy": _document(read)}),
        "key": ("aws:kms/key:Key", {"arn": _KEY, "keyId": "1", "policy": _document(root), **_tags("globex")}),
        "images": (
            "aws:ecr/repository:Repository",
            {"name": "images", "arn": _IMAGES, **encrypted, **_tags("globex")},
        ),
    }


def _tags(tenant: str) -> dict[str, dict[str, str]]:
    return {"tags": {"tenant": tenant}, "tagsAll": {"tenant": tenant}}


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def test_a_leak_is_a_mandatory_violation_with_its_witness(pack: Served) -> None:
    """Acme's role may read globex's images."""
    found = _of(pack.analyze_stack(_stack(_IMAGES)), "isolation")
    leaks = [message for level, message in found if level == MANDATORY]
    assert any(f"principal: {_ROLE}" in one and "action: ecr:BatchGetImage" in one and _IMAGES in one for one in leaks)


def test_what_is_no_leak_is_none(pack: Served) -> None:
    """Positive control: the same role with images of its own; that the key is not known is only advised on."""
    found = pack.analyze_stack(_stack(f"{_IMAGES}-of-acme", key=_UNKNOWN))
    assert _of(found, "isolation") == []
    assert any("nothing is proven" in message for _, message in _of(found, "stack-advice"))


def test_what_is_not_known_can_be_made_mandatory(running: Served) -> None:
    """For a pipeline where only `Proved` passes."""
    running.configure(isolation=(MANDATORY, {"unknown": "mandatory"}))
    found = _of(running.analyze_stack(_stack(f"{_IMAGES}-of-acme", key=_UNKNOWN)), "isolation")
    assert [level for level, _ in found] == [MANDATORY]


def test_sharing_that_is_declared_is_no_leak(running: Served) -> None:
    """The configuration says what is meant; the twin that has expired is not taken."""
    meant = {"from": "acme", "to": "globex", "actions": ["ecr:Batch*"], "resources": [_IMAGES], "reason": "a"}
    for expires, leaks in (("2999-12-31", False), ("2001-01-01", True)):
        running.configure(isolation=(MANDATORY, {"sharing": [{**meant, "expires": expires}]}))
        found = _of(running.analyze_stack(_stack(_IMAGES)), "isolation")
        assert any("action: ecr:BatchGetImage" in message for _, message in found) is leaks, found


def test_exports_that_cannot_be_read_end_the_preview(running: Served, tmp_path: Path) -> None:
    """Nothing is proven where an input is missing or broken, and the message names it."""
    broken = tmp_path / "broken.json"
    broken.write_text('{"version": 3, "deployment": ')
    for name in (broken, tmp_path / "nowhere.json"):
        running.configure(isolation=(MANDATORY, {"exports": [str(name)]}))
        ((level, message),) = _of(running.analyze_stack(_stack(_IMAGES)), "isolation")
        assert level == MANDATORY
        assert str(name) in message
