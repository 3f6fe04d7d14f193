"""The pipelines: what runs the code of a pull request has no secret, and what has one runs none of that code."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from ruamel.yaml import YAML

from infra.engine.settings import inherited_environment
from infra.settings import ROOT

_FOLDER = ROOT / ".github" / "workflows"
_FILES = sorted(_FOLDER.glob("*.y*ml"))
_NOT_A_FORK = "github.event.pull_request.head.repo.full_name == github.repository"
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
#: What only the base repository's own events give.
_SECRETS = re.compile(r"\bsecrets\b|github\.token|GITHUB_TOKEN", re.IGNORECASE)

Workflow = Mapping[str, Any]


def _read(text: str) -> Workflow:
    return cast("Workflow", YAML(typ="safe", pure=True).load(text))  # pyright: ignore[reportUnknownMemberType]


def problems(workflow: Workflow) -> Iterator[str]:
    """What breaks the rule in a workflow."""
    events = _events(workflow)
    if "pull_request_target" in events:
        yield "pull_request_target runs with the secrets of the base, beside a fork's code"
    if workflow.get("permissions") != {}:
        yield "the workflow gives permissions to all of its jobs"
    for name, job in cast("Mapping[str, Mapping[str, Any]]", workflow["jobs"]).items():
        yield from (f"{name}: {found}" for found in _of_job(job, events))


def _of_job(job: Mapping[str, Any], events: set[str]) -> Iterator[str]:
    if "permissions" not in job:
        yield "no permissions of its own"
    for step in _steps(job):
        yield from _of_step(step)
    if "pull_request" in events:
        yield from _beside_code(job)
    if "workflow_run" in events:
        yield from _with_rights(job)


def _of_step(step: Mapping[str, Any]) -> Iterator[str]:
    if "uses" in step and not _PINNED.fullmatch(str(step["uses"])):
        yield f"{step['uses']} is not pinned by a commit"
    if "${{" in str(step.get("run", "")):
        yield "an expression in a script: whoever names the branch writes the script"
    if _checks_out(step) and _given(step).get("persist-credentials") is not False:
        yield "the token stays in the checkout"


def _beside_code(job: Mapping[str, Any]) -> Iterator[str]:
    """What a job may not have that runs the code of a pull request."""
    writes = {key for key, value in _permissions(job).items() if value == "write"}
    condition = str(job.get("if", ""))
    only_ours = _NOT_A_FORK in condition and "||" not in condition
    if _SECRETS.search(str(job)):
        yield "a secret beside the code of a pull request"
    if writes - ({"id-token"} if only_ours else set()):
        yield f"it may write {', '.join(sorted(writes))} beside the code of a pull request"
    if "environment" in job and not only_ours:
        yield "an environment beside the code of a fork"


def _with_rights(job: Mapping[str, Any]) -> Iterator[str]:
    """What a job may not do that has rights in the base repository."""
    if "id-token" in _permissions(job):
        yield "credentials of the cloud for a comment"
    if any("ref" in _given(step) or "repository" in _given(step) for step in _steps(job) if _checks_out(step)):
        yield "it checks out something else than the default branch"
    if re.search(r"\b(bash|sh|python|node|source)\s+\S*(reviews|REVIEWS|artifact)", str(job)):
        yield "it runs what the pull request left"


def _permissions(job: Mapping[str, Any]) -> Mapping[str, str]:
    return cast("Mapping[str, str]", job.get("permissions") or {})


def _steps(job: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return cast("list[Mapping[str, Any]]", job["steps"])


def _given(step: Mapping[str, Any]) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", step.get("with") or {})


def _checks_out(step: Mapping[str, Any]) -> bool:
    return "actions/checkout@" in str(step.get("uses"))


def _events(workflow: Workflow) -> set[str]:
    # YAML 1.1 reads the key ``on`` as true.
    on = workflow.get("on", workflow.get(True))  # pyright: ignore[reportArgumentType, reportCallIssue]
    return {on} if isinstance(on, str) else set(cast("Mapping[str, Any]", on))


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_the_fork_rule_holds(file: Path) -> None:
    """No workflow breaks it."""
    assert list(problems(_read(file.read_text(encoding="utf-8")))) == []


def test_there_are_both_halves() -> None:
    """One workflow runs pull requests, another one comments; the job with credentials is only for our own branches."""
    workflows = {file.name: _read(file.read_text(encoding="utf-8")) for file in _FILES}
    assert _events(workflows["preview.yml"]) == {"pull_request"}
    assert _events(workflows["preview-comment.yml"]) == {"workflow_run"}
    jobs = workflows["preview.yml"]["jobs"]
    assert jobs["sandbox"]["permissions"] == {"contents": "read"}
    assert "if" not in jobs["sandbox"]
    assert jobs["account"]["permissions"] == {"contents": "read", "id-token": "write"}
    assert jobs["account"]["environment"] == "preview"


def _replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return change


#: Ways to break the rule, by file, and the word by which each is told.
_BROKEN: dict[str, tuple[str, Callable[[str], str], str]] = {
    "target": ("preview.yml", _replaced("  pull_request:\n", "  pull_request_target:\n"), "pull_request_target"),
    "secret": ("preview.yml", _replaced("BASE: ${{ github.base_ref }}", "BASE: ${{ secrets.KEY }}"), "a secret"),
    "token": ("preview.yml", _replaced("BASE: ${{ github.base_ref }}", "T: ${{ github.token }}"), "a secret"),
    "role for forks": ("preview.yml", _replaced(f"{_NOT_A_FORK} && ", ""), "id-token"),
    "role for all": ("preview.yml", _replaced(f"{_NOT_A_FORK} &&", f"{_NOT_A_FORK} ||"), "id-token"),
    "role in the open job": (
        "preview.yml",
        _replaced(
            "    permissions:\n      contents: read\n    steps", "    permissions:\n      id-token: write\n    steps"
        ),
        "id-token",
    ),
    "write": (
        "preview.yml",
        _replaced("      contents: read\n    steps", "      contents: write\n    steps"),
        "contents",
    ),
    "no permissions": ("preview.yml", _replaced("permissions: {}\n", ""), "permissions to all"),
    "injection": ("preview.yml", _replaced('"origin/$BASE"', '"origin/${{ github.base_ref }}"'), "expression"),
    "tag": ("preview.yml", _replaced("@11bd71901bbe5b1630ceea73d27597364c9af683", "@v4"), "not pinned"),
    "kept token": ("preview.yml", _replaced("persist-credentials: false", "persist-credentials: true"), "stays"),
    "fork's code": (
        "preview-comment.yml",
        _replaced(
            "          persist-credentials: false",
            "          persist-credentials: false\n          ref: ${{ github.event.workflow_run.head_sha }}",
        ),
        "something else than the default branch",
    ),
    "fork's script": (
        "preview-comment.yml",
        _replaced(".venv/bin/bulkhead review publish", "bash $REVIEWS/publish"),
        "runs what the pull request left",
    ),
    "role to comment": (
        "preview-comment.yml",
        _replaced("      actions: read\n", "      actions: read\n      id-token: write\n"),
        "credentials of the cloud",
    ),
}


@pytest.mark.parametrize("case", _BROKEN)
def test_each_breach_is_found(case: str) -> None:
    """The rule can fail: each way to break it is found."""
    name, change, said = _BROKEN[case]
    found = list(problems(_read(change((_FOLDER / name).read_text(encoding="utf-8")))))
    assert any(said in each for each in found), found


def test_the_engine_of_actions_would_take_them() -> None:
    """actionlint accepts the workflows, and finds what is wrong with a broken one."""
    lint = [sys.executable, str(ROOT / "scripts" / "lint-workflows")]
    good = subprocess.run(lint, env=inherited_environment(), capture_output=True, text=True, check=False)
    if "cannot be built" in good.stderr or "dial tcp" in good.stderr:
        pytest.skip("actionlint is not built yet, and there is no module proxy")
    assert good.returncode == 0, good.stdout + good.stderr


def test_actionlint_finds_a_mistake(tmp_path: Path) -> None:
    """The control: an expression that does not exist is told."""
    broken = tmp_path / "broken.yml"
    text = (_FOLDER / "preview.yml").read_text(encoding="utf-8")
    broken.write_text(text.replace("github.base_ref", "github.base_reef"), encoding="utf-8")
    lint = [sys.executable, str(ROOT / "scripts" / "lint-workflows"), str(broken)]
    found = subprocess.run(lint, env=inherited_environment(), capture_output=True, text=True, check=False)
    if "cannot be built" in found.stderr or "dial tcp" in found.stderr:
        pytest.skip("actionlint is not built yet, and there is no module proxy")
    assert found.returncode == 1
    assert "base_reef" in found.stdout
