"""The Jenkins pipeline keeps the rule too: no credentials beside a fork's code, none of its code beside credentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from infra.settings import ROOT

_FILE = ROOT / "Jenkinsfile"
_STAGE = re.compile(r"^        stage\('(?P<name>\w+)'\) \{\n(?P<body>.*?)^        \}\n", re.MULTILINE | re.DOTALL)
_SH = re.compile(r"\bsh\s*(?P<script>\(?\s*['\"].*)")


def problems(text: str) -> Iterator[str]:
    """What breaks the rule."""
    if text.count("{") != text.count("}") or text.count("[") != text.count("]"):
        yield "brackets do not match"
    stages = {match["name"]: match["body"] for match in _STAGE.finditer(text)}
    if set(stages) != {"Sandbox", "Account", "Comment"}:
        yield f"the stages are {sorted(stages)}"
    if "skipDefaultCheckout" not in text:
        yield "every stage checks out the pull request before it begins"
    for name, body in stages.items():
        not_a_fork = re.search(r"expression \{ env\.CHANGE_FORK == null &&", body.split("agent {")[0])
        credentials = "withCredentials" in body or "credentials(" in body
        if "checkout scm" in body and credentials and not not_a_fork:
            yield f"{name}: credentials beside a fork's code"
        if name == "Comment" and ("checkout scm" in body or "CHANGE_BRANCH" in body):
            yield "Comment: the pull request's code beside the right to comment"
        if name == "Sandbox" and "label 'bulkhead-untrusted'" not in body:
            yield "Sandbox: a fork's code on an agent that others use"
        for script in _SH.finditer(body):
            if not script["script"].startswith("'"):
                yield f"{name}: Groovy puts values into a script: {script['script']}"


def test_the_rule_holds() -> None:
    """The pipeline does not break it."""
    assert list(problems(_FILE.read_text(encoding="utf-8"))) == []


def _replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


_BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "forks too": (_replaced("env.CHANGE_FORK == null && env.BULKHEAD", "env.BULKHEAD"), "beside a fork's code"),
    "secret in the open stage": (
        _replaced("sh 'make env'", "withCredentials([string(credentialsId: 'x', variable: 'X')]) { sh 'make env' }"),
        "beside a fork's code",
    ),
    "pull request's code comments": (_replaced("                deleteDir()\n", "checkout scm\n"), "right to comment"),
    "injection": (_replaced("sh 'scripts/preview-in-sandbox", 'sh "scripts/preview-in-sandbox'), "Groovy puts values"),
    "shared agent": (_replaced("bulkhead-untrusted", "bulkhead"), "agent that others use"),
    "default checkout": (_replaced("skipDefaultCheckout()", ""), "before it begins"),
    "brackets": (_replaced("pipeline {", "pipeline"), "brackets"),
}


@pytest.mark.parametrize("case", _BROKEN)
def test_each_breach_is_found(case: str) -> None:
    """The rule can fail."""
    change, said = _BROKEN[case]
    found = list(problems(change(_FILE.read_text(encoding="utf-8"))))
    assert any(said in each for each in found), found
