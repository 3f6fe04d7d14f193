"""The proof sees the role of smoke tests as the tenant's own, and finds who else would get in by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra import naming
from infra.operations.audit import audit
from infra.operations.estate_files import Given, of_backend
from infra.operations.exports import exports
from infra.operations.proving import Estate, promised_controls, prove_estate
from infra.operations.workspace import Workspace
from infra.proof.report import Report, Verdict
from tests.components.tenant.land import Land

pytestmark = pytest.mark.xdist_group("tenant-stacks")

#: Changes a resource's outputs.
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def deployed(serving: Land) -> tuple[Given, ...]:
    return tuple(of_backend(exports(serving.settings)))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proofs") / "cache"


def changed(given: Given, changes: Mapping[tuple[str, str], Change]) -> Given:
    """An export in which resources, by the end of their type and their name, are changed."""
    assert isinstance(given.content, bytes)
    export = json.loads(given.content)
    found: set[tuple[str, str]] = set()
    for each in export["deployment"]["resources"]:
        place = (each["type"].rpartition(":")[2], each["urn"].rpartition("::")[2])
        if place in changes:
            found.add(place)
            changes[place](each["outputs"])
    assert found == set(changes)
    return replace(given, content=json.dumps(export).encode())


def proven(deployed: tuple[Given, ...], cache: Path, **changes: Mapping[tuple[str, str], Change]) -> Report:
    """The proof of what is deployed, with some tenants' stacks changed."""
    given = tuple(
        changed(each, changes[owner]) if (owner := each.name.rpartition("/")[2]) in changes else each
        for each in deployed
    )
    return prove_estate(Estate(given=given), cache=cache)


def trusting(principal: object) -> Change:
    """The role's trust lets in somebody else besides."""

    def change(outputs: dict[str, Any]) -> None:
        document = json.loads(outputs["assumeRolePolicy"])
        more = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        document["Statement"].append(more)
        outputs["assumeRolePolicy"] = json.dumps(document)

    return change


def unguarded(outputs: dict[str, Any]) -> None:
    """The boundary neither holds a tenant's roles back from becoming others, nor from what has another's tag."""
    document = json.loads(outputs["policy"])
    document["Statement"] = [each for each in document["Statement"] if each["Sid"] != "TouchNoOtherTenant"]
    for each in document["Statement"]:
        if each["Sid"] == "ChangeNoGuard":
            each["Action"] = [one for one in each["Action"] if not one.startswith("sts:")]
    document["Statement"].append({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    outputs["policy"] = json.dumps(document)


ROLE = ("Role", "roles-verification")
UNGUARDED = {("Policy", "roles-boundary"): unguarded}


def test_what_is_deployed_is_proven_with_what_the_role_is_for(serving: Land, deployed: tuple[Given, ...]) -> None:
    """The positive control: the role is among those of whom it is proven that they can do their work."""
    controls = promised_controls(serving.estate, deployed)
    of_role = [one for one in controls if one.principal_arn.endswith("-verification")]
    assert {one.owner for one in of_role} == {"acme", "globex"}
    assert {one.action for one in of_role} >= {"s3:DeleteObjectVersion", "sagemaker:InvokeEndpoint"}
    assert prove_estate(Estate(given=deployed, controls=tuple(controls))).verdict is Verdict.PROVED


def test_a_trust_in_another_tenants_role_is_a_leak(serving: Land, deployed: tuple[Given, ...], cache: Path) -> None:
    thief = naming.role_arn(serving.estate.platform, serving.estate.tenants["globex"], "deploy")
    found = proven(deployed, cache, acme={ROLE: trusting({"AWS": thief})}, globex=UNGUARDED)
    assert found.verdict is Verdict.LEAK
    leaks = [one for one in found.findings if (one.from_, one.to) == ("globex", "acme")]
    assert any(step.becomes.endswith("-verification") for one in leaks for step in one.chain)


@pytest.mark.parametrize("principal", ["*", {"AWS": "arn:aws:iam::999999999999:root"}], ids=["anybody", "an account"])
def test_a_trust_in_somebody_outside_is_a_leak(deployed: tuple[Given, ...], cache: Path, principal: object) -> None:
    found = proven(deployed, cache, acme={ROLE: trusting(principal)})
    assert found.verdict is Verdict.LEAK
    assert any((one.from_, one.to) == ("outside", "acme") for one in found.findings)


def test_the_live_account_is_proven_with_the_workers_role_in_it(serving: Land) -> None:
    """The stacks' state does not know the workers' role; the account does, and both tenants' roles trust it."""
    with Workspace(serving.settings) as workspace:
        found = audit(workspace)
    assert found.proof.verdict is Verdict.PROVED, found.proof.findings
    assert [each for each in found.differences if "verification" in str(each)] == []
