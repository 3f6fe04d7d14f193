"""What `bulkhead preview --changed-since` tells of changes, in a checkout of its own against the demo's estate."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.settings import ROOT
from tests.acceptance.land import BIN, Ended, Land

_GIT = ["git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false"]
#: What a checkout needs to run from: the programs, what reads them, and the specs.
_PARTS = ("infra", "components", "stacks", "tenant_stacks", "serving_containers")


class Checkout:
    """A clone of this repository with a branch ``main``, whose commands reach the demo's stacks.

    Args:
        root: An empty folder.
        land: The demo's estate.
    """

    def __init__(self, root: Path, land: Land) -> None:
        self.root, self._land = root, land
        for part in _PARTS:
            shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__", "Pulumi.*.yaml"))
        for file in ("Pulumi.yaml", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / file, root)
        (root / ".venv").symlink_to(sys.prefix)
        self._git("init", "--quiet", "--initial-branch", "main")
        (root / ".git" / "info" / "exclude").write_text(".venv\n__pycache__\n")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", "as it is")

    def reset(self) -> None:
        """Everything as it is in ``main``."""
        self._git("reset", "--quiet", "--hard")
        self._git("clean", "-fdq")

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file; `old` must be in it."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        (self.root / path).write_text(text.replace(old, new), encoding="utf-8")

    def review(self, *arguments: str) -> Ended:
        """Run the command to its end, with JSON."""
        return self._run([BIN / "bulkhead", "preview", "--changed-since", "main", "--json", *arguments])

    def shell(self, script: str) -> Ended:
        """Run a shell script in the checkout to its end."""
        return self._run(["bash", "-euc", f'cd "{self.root}"\n{script}'])

    def _run(self, command: list[str | Path]) -> Ended:
        return self._land.execute(
            command,
            PATH=os.pathsep.join([str(BIN), os.environ["PATH"]]),
            PYTHONPATH=str(self.root),
            BULKHEAD_SPECS=str(self.root / "tenant_stacks" / "specs"),
            BULKHEAD_PLATFORM_SPEC=str(self.root / "stacks" / "platform.yaml"),
        )

    def _git(self, *arguments: str) -> None:
        subprocess.run([*_GIT, *arguments], cwd=self.root, check=True, capture_output=True)


@pytest.fixture(scope="module")
def clone(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    assert demo.first.code == 0, demo.first.said()
    return Checkout(tmp_path_factory.mktemp("checkout"), demo.land)


@pytest.fixture
def checkout(clone: Checkout) -> Iterator[Checkout]:
    yield clone
    clone.reset()


def _stack(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["stacks"] if each["stack"] == name)


def _deployed(land: Land) -> dict[str, Any]:
    return {name: json.loads(state)["checkpoint"]["latest"]["resources"] for name, state in land.state().items()}


def test_nothing_changed(checkout: Checkout, tmp_path: Path) -> None:
    """Without a change there is no stack, the comment says so, and the exit code is 0."""
    ended = checkout.review("--comment", str(tmp_path / "c.md"))
    assert ended.code == 0, ended.said()
    assert ended.document()["stacks"] == []
    assert "no stack is touched" in (tmp_path / "c.md").read_text(encoding="utf-8")


def test_the_guide(checkout: Checkout) -> None:
    """Its commands: one stack, what differs from what to what, what it costs, its quotas, and the proof."""
    guide = (ROOT / "docs" / "pull-requests.md").read_text(encoding="utf-8")
    script = guide.split("```sh\n")[1].split("```")[0]
    ended = checkout.shell(script)
    assert ended.code == 0, ended.said()
    document = json.loads((checkout.root / "review.json").read_text(encoding="utf-8"))
    assert (document["verdict"], document["exit_code"]) == ("Proved", 0)
    gained = document["isolation"]["gained"]
    assert {(each["owner"], each["of"]) for each in gained} == {("acme", "acme"), ("platform", "acme")}
    assert all(":endpoint-config/bh-dev-acme-tumour-" in each["resource"] for each in gained)
    assert [each["stack"] for each in document["stacks"]] == ["acme"]
    acme = _stack(document, "acme")
    assert {each["op"] for each in acme["resources"]} == {"update", "replace"}
    assert acme["usd_month"] == 201.48
    differing = {each["path"]: each for resource in acme["resources"] for each in resource["properties"]}
    kind = differing["productionVariants[0].instanceType"]
    assert (kind["before"], kind["after"]) == ("ml.m5.large", "ml.m5.xlarge")
    assert (document["destroyed"], document["policy"]) == (0, [])
    text = (checkout.root / "comment.md").read_text(encoding="utf-8")
    for part in ("✅ Bulkhead preview: isolation is proven", "`ml.m5.xlarge`", "+201.48 USD a month", "`its spec`"):
        assert part in text, part
    assert "<svg" in (checkout.root / "report.html").read_text(encoding="utf-8")


def test_a_leak_in_a_policy(checkout: Checkout, tmp_path: Path) -> None:
    """Keys that another account may use are found before they are deployed, with the witness: exit code 11."""
    checkout.edit(
        "infra/policies/key.py",
        "    return PolicyDocument((*_administration(platform),",
        '    partner = Principal(aws=("arn:aws:iam::999988887777:root",))\n'
        '    decrypt = Statement(sid="Partner", principal=partner, actions=("kms:Decrypt",), resources=("*",))\n'
        "    return PolicyDocument((decrypt, *_administration(platform),",
    )
    ended = checkout.review("--comment", str(tmp_path / "c.md"))
    assert ended.code == 11, ended.said()
    document = ended.document()
    assert {each["stack"] for each in document["stacks"]} == {"platform", "acme", "globex"}
    assert document["isolation"]["before"] == "Proved"
    leaks = [each for each in document["isolation"]["report"]["findings"] if each["verdict"] == "Leak"]
    assert any(each["action"] == "kms:Decrypt" and each["to"] == "acme" for each in leaks)
    assert any(statement["statement"] == "Partner" for each in leaks for statement in each["statements"])
    assert any("kms:Decrypt" in each["may"] for each in document["isolation"]["gained"])
    assert {(each["rule"], each["new"]) for each in document["policy"]} == {("policy-other-account", True)}
    text = (tmp_path / "c.md").read_text(encoding="utf-8")
    assert "❌ Bulkhead preview: tenants are not isolated" in text
    assert "`Partner`" in text


def test_a_new_tenant_and_a_deleted_one(checkout: Checkout, land: Land, tmp_path: Path) -> None:
    """A new tenant is previewed without its models and is not known yet; a deleted spec is told loudly, and kept.

    Nothing is changed by it: no stack is made for the new tenant, and the state of the others is as it was.
    """
    before = _deployed(land)
    specs = checkout.root / "tenant_stacks" / "specs"
    text = (specs / "acme.yaml").read_text(encoding="utf-8")
    (specs / "initech.yaml").write_text(text.replace("id: acme", "id: initech").replace("64.0.0/24", "64.1.0/24"))
    (specs / "globex.yaml").unlink()
    ended = checkout.review("--comment", str(tmp_path / "c.md"))
    assert ended.code == 12, ended.said()
    document = ended.document()
    fates = {each["stack"]: each["fate"] for each in document["stacks"]}
    assert fates == {"globex": "deleted", "initech": "new"}
    initech, globex = _stack(document, "initech"), _stack(document, "globex")
    assert {each["op"] for each in initech["resources"]} == {"create"}
    assert "artifacts are not uploaded" in initech["notes"][0]
    assert {each["op"] for each in globex["resources"]} == {"delete"}
    assert sum(each["loses"] != "" for each in globex["resources"]) == document["destroyed"] > 5
    assert document["isolation"]["without_new"] == "Proved"
    assert "globex" in document["isolation"]["report"]["tenants"]
    told = (tmp_path / "c.md").read_text(encoding="utf-8")
    assert "**The spec of a tenant was deleted." in told
    assert "Without the new stacks: Proved." in told
    assert _deployed(land) == before


def test_a_preview_that_fails(checkout: Checkout) -> None:
    """A replacement of what is protected fails the preview: exit code 1, with what would have been replaced."""
    checkout.edit("tenant_stacks/specs/acme.yaml", "display_name: Acme Diagnostics", "display_name: Acme")
    checkout.edit("tenant_stacks/specs/globex.yaml", "limit_usd: 2500", "limit_usd: 2600")
    ended = checkout.review()
    assert ended.code == 1, ended.said()
    document = ended.document()
    acme, globex = _stack(document, "acme"), _stack(document, "globex")
    assert (acme["outcome"], globex["outcome"]) == ("failed", "succeeded")
    assert "protected" in acme["error"]
    assert document["verdict"] == "Unknown"
