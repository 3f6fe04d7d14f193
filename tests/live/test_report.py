"""How an audit ends follows from what it found, the gravest first; what reports show of it is no markup."""

from __future__ import annotations

import json
from typing import Any, cast

import msgspec
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from infra import struct_schema
from infra.live import Comparison, Difference, DifferenceKind, Hidden
from infra.live.markdown import as_markdown
from infra.live.report import Audit, ExitCode, about, audited, exit_code
from infra.live.schema import FILE, PROOF, schema
from infra.proof.rendering.schema import schema as proof_schema
from infra.proof.report import Finding, Report, UnknownFact, Verdict, verdict_of
from infra.settings import ROOT
from tests.live.worlds import ACCOUNT, account

_DRIFT = Difference(
    kind=DifferenceKind.DRIFTED,
    type="aws:iam/role:Role",
    id="r",
    owner="acme",
    stack="tenants/acme",
    urn="urn:pulumi:acme::tenants::aws:iam/role:Role::r",
    file="components/roles.py",
    line=3,
    property="assumeRolePolicy",
    declared=('{"Effect": "Allow"}',),
    live=("`</details>` <img src=x> @everyone\n# not a title",),
    why="it is otherwise",
)
_LEAK = Finding(verdict=Verdict.LEAK, from_="acme", to="globex", principal="p", action="s3:GetObject", resource="b")


def _report(*findings: Finding, unknown: tuple[UnknownFact, ...] = ()) -> Report:
    return Report(
        verdict=verdict_of(findings, unknown, ()),
        tenants=("acme", "globex", "initech"),
        pairs=6,
        seconds=0.1,
        findings=findings,
        unknown=unknown,
    )


def _audit(proof: Report, *differences: Difference, hidden: tuple[Hidden, ...] = ()) -> Audit:
    comparison = Comparison(differences=differences, expected={"a rule": 2}, alike=5, unused=("arn:x",))
    return audited(account(hidden=hidden), comparison, {"aws:ec2/subnet:Subnet": 3}, proof, seconds=1.23456)


def _hidden(*, lost: bool) -> tuple[Hidden, ...]:
    return (Hidden("aws:sqs/queue:Queue", "", "sqs:ListQueues", "denied", lost=lost),)


_OPEN = (UnknownFact(urn="u", property="p", why="w"),)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (_audit(_report()), ExitCode.SAME),
        (_audit(_report(), _DRIFT), ExitCode.DIFFERENT),
        (_audit(_report(_LEAK)), ExitCode.LEAK),
        (_audit(_report(_LEAK), _DRIFT, hidden=_hidden(lost=True)), ExitCode.LEAK),
        (_audit(_report(unknown=_OPEN), _DRIFT), ExitCode.UNKNOWN),
        (_audit(_report(), _DRIFT, hidden=_hidden(lost=True)), ExitCode.UNKNOWN),
        (_audit(_report(), hidden=_hidden(lost=False)), ExitCode.SAME),
    ],
)
def test_the_exit_code_is_of_the_gravest(found: Audit, code: ExitCode) -> None:
    assert exit_code(found) == code


def test_what_was_not_read_is_not_proven() -> None:
    assert _audit(_report(), hidden=_hidden(lost=True)).verdict is Verdict.UNKNOWN
    assert _audit(_report(), hidden=_hidden(lost=False)).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("tenant", "verdict"), [("acme", Verdict.LEAK), ("globex", Verdict.LEAK), ("initech", Verdict.PROVED)]
)
def test_of_a_tenant_only_what_touches_it_is_told(tenant: str, verdict: Verdict) -> None:
    part = about(_report(_LEAK), frozenset({tenant}))
    assert part.verdict is verdict
    assert (part.findings == (_LEAK,)) is (verdict is Verdict.LEAK)


def test_what_concerns_nobody_in_particular_is_told_of_everybody() -> None:
    nobodys = Finding(verdict=Verdict.UNKNOWN, from_=None, to=None)
    assert about(_report(nobodys), frozenset({"initech"})).findings == (nobodys,)


def test_the_published_schema_is_of_the_code() -> None:
    """``python -m infra.live.schema`` writes it anew."""
    assert (ROOT / FILE).read_text(encoding="utf-8") == struct_schema.render(schema())


def test_documents_have_the_shape_that_is_published() -> None:
    found = _audit(_report(_LEAK), _DRIFT, hidden=_hidden(lost=True))
    document: dict[str, Any] = json.loads(msgspec.json.encode(found))
    beside = cast("Any", Resource).from_contents(proof_schema())
    validator = cast("Any", Draft202012Validator)(
        schema(), registry=cast("Any", Registry)().with_resource(PROOF, beside)
    )
    assert list(validator.iter_errors(document)) == []
    assert (document["account"], document["seconds"]) == (ACCOUNT, 1.235)
    twin = {**document, "proof": {**document["proof"], "pairs": "many"}}
    assert list(validator.iter_errors(twin)) != []
    broken = {**document, "differences": [{**document["differences"][0], "kind": "other"}]}
    assert list(validator.iter_errors(broken)) != []
    for name in document:
        assert list(validator.iter_errors({key: value for key, value in document.items() if key != name})) != [], name


def test_markdown_shows_what_was_read_and_nothing_of_it_is_markup() -> None:
    page = as_markdown(_audit(_report(), _DRIFT, hidden=_hidden(lost=True)))
    assert "1 drifted, 0 missing, 0 undeclared" in page
    assert "urn:pulumi:acme::tenants::aws:iam/role:Role::r" in page
    assert page.count("<details>") == page.count("</details>") - 1  # one is in the code span below
    (line,) = (each for each in page.splitlines() if "<img" in each)
    assert line.startswith("- the account has ``")
    assert line.endswith("``")
    assert not any(each.startswith("# not") for each in page.splitlines())


def test_markdown_counts_what_it_does_not_show() -> None:
    page = as_markdown(_audit(_report(), *[_DRIFT] * 203))
    assert "3 more: see the audit as JSON." in page
