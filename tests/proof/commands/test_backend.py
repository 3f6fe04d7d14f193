"""`bulkhead prove` without files: the state of a backend in a folder, the specs' promises, and the demo's mistake."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.demo.proof import show_proof, with_mistake
from infra.errors import UserError
from infra.operations.estate_files import Given
from infra.operations.exports import exports
from infra.operations.proving import Estate
from infra.settings import ROOT, Settings
from infra.spec import load_estate
from tests.proof.commands.estates import run
from tests.proof.facts.exports import allow
from tests.proof.recorded.exports import recorded

_PROJECTS = {"platform": "bulkhead-platform", "acme": "bulkhead-tenants", "globex": "bulkhead-tenants"}

#: Changes the resources of an export in place.
Change = Callable[[list[dict[str, Any]]], None]


def deployed(home: Path, **changes: Change) -> Settings:
    """Settings whose backend holds our estate, the exports of some stacks changed."""
    for stack, project in _PROJECTS.items():
        export = copy.deepcopy(dict(recorded()[stack]))
        if stack in changes:
            changes[stack](export["deployment"]["resources"])
        file = home / "state/.pulumi/stacks" / project / f"{stack}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": stack, "latest": export["deployment"]}}))
    return Settings(home=home)


@pytest.fixture(name="use")
def _use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], None]:
    """Makes commands use some settings."""
    return lambda settings: monkeypatch.setattr("infra.settings.load_settings", lambda: settings)


def test_what_is_deployed_is_proven_with_what_the_specs_promise(
    tmp_path: Path, use: Callable[[Settings], None]
) -> None:
    settings = deployed(tmp_path)
    use(settings)
    ended = run("prove")
    assert ended.code == 0, ended.out
    assert ended.out.startswith("Proved  2 tenants, 2 ordered pairs")
    promised = Estate.read(settings).controls
    assert {one.owner for one in promised} == {"acme", "globex"}
    assert len(promised) > 80


def test_what_a_tenant_cannot_do_though_its_spec_says_so_is_no_proof(
    tmp_path: Path, use: Callable[[Settings], None]
) -> None:
    def without_rights(resources: list[dict[str, Any]]) -> None:
        for one in resources:
            if one["urn"].endswith("RolePolicy::roles-deploy"):
                one["outputs"]["policy"] = allow("sts:GetCallerIdentity")

    use(deployed(tmp_path, acme=without_rights))
    ended = run("prove", "--json")
    assert ended.code == 2
    found = ended.document["findings"]
    assert {one["claim"] for one in found} == {"control"}
    assert all(one["principal"].endswith("acme-deploy") for one in found)
    assert any(one["action"] == "s3:PutObject" for one in found)


def test_stacks_of_the_backend_are_chosen_by_name(tmp_path: Path, use: Callable[[Settings], None]) -> None:
    use(deployed(tmp_path))
    document = run("prove", "--stack", "acme", "--json").document
    assert document["tenants"] == ["acme"]
    assert run("prove", "--stack", "initech").code == 3


def test_a_backend_without_stacks_says_how_to_get_some(tmp_path: Path, use: Callable[[Settings], None]) -> None:
    use(Settings(home=tmp_path))
    ended = run("prove")
    assert ended.code == 3
    assert "bulkhead up platform" in ended.err


def test_specs_that_are_wrong_are_no_verdict(tmp_path: Path, use: Callable[[Settings], None]) -> None:
    use(deployed(tmp_path / "home").model_copy(update={"specs": tmp_path / "none"}))
    ended = run("prove")
    assert (ended.code, ended.out) == (3, "")
    assert "the folder of the tenants' specs does not exist" in ended.err


def test_a_state_that_is_cut_off_is_named(tmp_path: Path) -> None:
    settings = deployed(tmp_path)
    file = tmp_path / "state/.pulumi/stacks/bulkhead-tenants/acme.json"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(UserError, match=r"acme\.json"):
        exports(settings)


def test_sharing_that_nobody_uses_is_a_finding_wherever_the_platform_is_read(
    tmp_path: Path, use: Callable[[Settings], None]
) -> None:
    entry = {
        "from": "acme",
        "to": "globex",
        "actions": ["s3:GetObject"],
        "resources": ["arn:aws:s3:::bh-dev-globex-data-51faef04/shared/*"],
        "reason": "the joint study",
        "expires": "2999-12-31",
    }
    platform = tmp_path / "platform.yaml"
    platform.write_text(f"{(ROOT / 'stacks/platform.yaml').read_text()}\nsharing: [{json.dumps(entry)}]\n")
    use(deployed(tmp_path / "home").model_copy(update={"platform_spec": platform}))
    states = tmp_path / "home/state/.pulumi/stacks"
    for arguments in ([], ["--from", states]):
        document = run("prove", *arguments, "--json").document
        assert [one["state"] for one in document["shared"]] == ["unused"]
        assert [one["claim"] for one in document["findings"]] == ["sharing"]
    alone = run("prove", "--from", states / "bulkhead-tenants/acme.json", "--json").document
    assert alone["shared"] == []


def test_the_demo_finds_its_mistake_and_proves_what_has_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = deployed(tmp_path)
    specs = load_estate(settings.platform_spec, settings.specs)
    assert show_proof(settings, specs.platform, specs.tenants["acme"])
    told = capsys.readouterr().out
    assert "Proved  2 tenants" in told
    assert "Leak: acme → globex" in told
    assert "bh-dev-acme-serving may logs:CreateLogGroup on " in told


def _resources(one: Given) -> list[dict[str, Any]]:
    return json.loads(one.input.read())["deployment"]["resources"]


def test_the_mistake_is_one_character_of_one_statement(tmp_path: Path) -> None:
    settings = deployed(tmp_path)
    specs = load_estate(settings.platform_spec, settings.specs)
    estate = Estate.read(settings)
    broken = with_mistake(estate, specs.platform, specs.tenants["acme"])
    changed = [
        (before.stack, one, other)
        for before, after in zip(estate.given, broken.given, strict=True)
        for one, other in zip(_resources(before), _resources(after), strict=True)
        if one != other
    ]
    ((stack, before, after),) = changed
    assert stack == "bulkhead-tenants/acme"
    assert before["urn"].endswith("::roles-serving")
    assert after["outputs"]["policy"].count("bh-dev-*") == 1
    assert "bh-dev-*" not in before["outputs"]["policy"]
