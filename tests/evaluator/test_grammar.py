"""What AWS takes passes, and its broken twin is refused at the right place, with AWS's reason."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from infra.evaluator.compiling import compile_policy
from infra.evaluator.grammar import Subject, level_refusals, parse_operator, refusals
from infra.evaluator.grammar.operators import OPERATORS, Quantifier
from infra.evaluator.kinds import PolicyKind as Kind
from tests.evaluator.grammar_documents import ROLE, SOUND, changed, document
from tests.evaluator.grammar_twins import REFUSED, TAKEN, Twin


@pytest.mark.parametrize("twin", TAKEN, ids=str)
def test_what_aws_takes_passes(twin: Twin) -> None:
    written = changed(twin.kind, twin.service, **twin.change)
    assert refusals(written, twin.kind, twin.service) == ()
    assert refusals(json.dumps(written), twin.kind, twin.service) == ()


@pytest.mark.parametrize("twin", REFUSED, ids=str)
def test_the_broken_twin_is_refused(twin: Twin) -> None:
    written = changed(twin.kind, twin.service, **twin.change)
    (refusal,) = refusals(written, twin.kind, twin.service)
    assert refusal.path == twin.at
    assert twin.says in refusal.message
    assert refusal.source
    assert refusals(json.dumps(written), twin.kind, twin.service) == (refusal,)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[]", "a list"),
        ('"text"', "a text"),
        ("1", "a number"),
        ("null", "null"),
        ('{"Version": NaN}', "NaN"),
        ('{"Statement": [{"Effect": "Allow", "Effect": "Deny"}]}', "'Effect' is there more than once"),
        ('{"Statement": [], "Statement": []}', "'Statement' is there more than once"),
        ("[" * 100_000, "nested too deeply"),
        ('{"Statement":' + "[" * 100_000, "nested too deeply"),
        ("9" * 10_000, "no JSON"),
    ],
)
def test_what_is_no_json_object_is_refused(kind: Kind, text: str, says: str) -> None:
    (refusal,) = refusals(text, kind)
    assert (refusal.path, refusal.subject) == ("", Subject.SYNTAX)
    assert says in refusal.message


def test_any_mapping_is_read() -> None:
    written = MappingProxyType(document(MappingProxyType(dict(SOUND[Kind.IDENTITY, None]))))
    assert refusals(written, Kind.IDENTITY) == ()
    assert refusals(MappingProxyType({**written, "Foo": MappingProxyType({"a": 1})}), Kind.IDENTITY)


@pytest.mark.parametrize("value", [None, 1, [], b"{}", object()])
def test_what_is_no_document_is_refused(value: object) -> None:
    (refusal,) = refusals(value, Kind.IDENTITY)
    assert "no JSON object" in refusal.message


def test_a_mapping_that_is_no_json_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["Statement"] = endless
    for value in (endless, {"Statement": {1, 2}}, {"Statement": object()}, {("a", "b"): 1}):
        (refusal,) = refusals(value, Kind.IDENTITY)
        assert refusal.subject is Subject.SYNTAX


@pytest.mark.parametrize(
    ("outermost", "at"),
    [
        ({"Version": "2011-01-01"}, "Version"),
        ({"Version": 2012}, "Version"),
        ({"Id": 1}, "Id"),
        ({"Conditions": {}}, "Conditions"),
        ({"Statement": None}, "Statement"),
        ({"Statement": []}, "Statement"),
        ({"Statement": "x"}, "Statement"),
        ({"Statement": [SOUND[Kind.IDENTITY, None], 1]}, "Statement[1]"),
    ],
)
def test_the_outermost_elements(outermost: dict[str, Any], at: str) -> None:
    (refusal,) = refusals(document(SOUND[Kind.IDENTITY, None], **outermost), Kind.IDENTITY)
    assert refusal.path == at


def test_a_statement_may_stand_alone_and_a_document_have_an_id() -> None:
    assert refusals(document(Statement=dict(SOUND[Kind.IDENTITY, None]), Id="mine"), Kind.IDENTITY) == ()


@pytest.mark.parametrize(("kind", "service"), SOUND)
@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_old_versions_are_evaluated_but_for_control_policies(kind: Kind, service: str | None, version: str) -> None:
    found = refusals(document(SOUND[kind, service], Version=version), kind, service)
    assert [one.subject for one in found] == ([Subject.VERSION] if kind in (Kind.SCP, Kind.RCP) else [])


def test_sids_are_unique() -> None:
    statement = {**SOUND[Kind.IDENTITY, None], "Sid": "Read"}
    (refusal,) = refusals(document(statement, {**statement, "Sid": "Other"}, statement), Kind.IDENTITY)
    assert (refusal.path, refusal.subject) == ("Statement[2].Sid", Subject.SID)
    assert "must be unique" in refusal.message
    assert refusals(document({**statement, "Sid": ""}, {**statement, "Sid": ""}), Kind.IDENTITY) == ()


def test_every_refusal_of_a_document_is_found() -> None:
    broken = document({"Effect": "allow", "Action": "x", "Resource": "y", "Principal": "*", "Foo": 1}, Version="1")
    found = refusals(broken, Kind.IDENTITY)
    assert {one.subject for one in found} == {
        Subject.VERSION, Subject.SYNTAX, Subject.ELEMENT, Subject.ACTION, Subject.RESOURCE,
    }  # fmt: skip


def test_only_aws_own_resource_control_policy_allows() -> None:
    full_access = {"Sid": "RCPFullAWSAccess", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    assert refusals(document(full_access), Kind.RCP) == ()
    assert refusals(document(Statement=full_access), Kind.RCP) == ()
    for other in ({**full_access, "Action": "s3:*"}, {**full_access, "Resource": ROLE}, {**full_access, "Foo": 1}):
        assert refusals(document(other), Kind.RCP)
    assert refusals(document(full_access, full_access), Kind.RCP)


_SIZES = (
    (Kind.IDENTITY, None, 10_240),
    (Kind.BOUNDARY, None, 6_144),
    (Kind.SESSION, None, 2_048),
    (Kind.TRUST, None, 4_096),
    (Kind.ENDPOINT, None, 20_480),
    (Kind.SCP, None, 10_240),
    (Kind.RCP, None, 5_120),
    (Kind.RESOURCE, "s3", 20_480),
    (Kind.RESOURCE, "kms", 32_768),
    (Kind.RESOURCE, "ecr", 10_240),
    (Kind.RESOURCE, "sns", 30_720),
    (Kind.RESOURCE, "sqs", 8_192),
)


@pytest.mark.parametrize(("kind", "service", "most"), _SIZES)
def test_a_document_of_the_most_is_taken_and_of_one_more_refused(kind: Kind, service: str | None, most: int) -> None:
    bare = len(json.dumps(document(SOUND[kind, service], Id=""), separators=(",", ":")))
    for more, expected in ((0, []), (1, [Subject.SIZE])):
        written = document(SOUND[kind, service], Id="x" * (most - bare + more))
        text = json.dumps(written, separators=(",", ":"))
        assert len(text) == most + more
        assert [one.subject for one in refusals(text, kind, service)] == expected
        assert [one.subject for one in refusals(written, kind, service)] == expected


@pytest.mark.parametrize(
    ("kind", "counts"), [(Kind.IDENTITY, False), (Kind.BOUNDARY, False), (Kind.ENDPOINT, True), (Kind.SCP, True)]
)
def test_white_space_counts_where_aws_counts_it(kind: Kind, counts: bool) -> None:
    text = json.dumps(changed(kind)) + " " * 21_000
    assert bool(refusals(text, kind)) is counts


def test_bytes_count_where_aws_counts_bytes() -> None:
    written = changed(Kind.RESOURCE, "s3", Sid="ü" * 15_000)
    assert [one.subject for one in refusals(written, Kind.RESOURCE, "s3")] == [Subject.SIZE]
    assert refusals(changed(Kind.RESOURCE, "s3", Sid="u" * 15_000), Kind.RESOURCE, "s3") == ()


@pytest.mark.parametrize(("kind", "service"), SOUND)
def test_characters_that_iam_and_kms_do_not_take_are_escaped(kind: Kind, service: str | None) -> None:
    written = document(SOUND[kind, service], Id="Zürich")
    beyond = document(SOUND[kind, service], Id="東京 🗼")
    strict = kind in (Kind.IDENTITY, Kind.BOUNDARY, Kind.SESSION, Kind.TRUST) or service == "kms"
    assert refusals(json.dumps(written, ensure_ascii=False), kind, service) == ()
    assert bool(refusals(json.dumps(beyond, ensure_ascii=False), kind, service)) is strict
    assert refusals(json.dumps(beyond), kind, service) == ()
    assert refusals(beyond, kind, service) == ()


@pytest.mark.parametrize(("without", "left"), [({}, 2), ({"Action": ...}, 1), ({"Resource": ...}, 1)])
def test_a_statement_of_a_key_policy_without_action_or_resource_has_no_effect(
    without: dict[str, Any], left: int
) -> None:
    (statement,) = changed(Kind.RESOURCE, "kms", **without)["Statement"]
    compiled = compile_policy(document(statement, SOUND[Kind.RESOURCE, "kms"]), Kind.RESOURCE, service="kms")
    assert [one.index for one in compiled.statements] == list(range(2 - left, 2))


def test_levels_of_an_organisation() -> None:
    assert level_refusals([["p"] * 10] * 7, Kind.SCP) == ()
    assert level_refusals([], Kind.RCP) == ()
    (deep,) = level_refusals([["p"]] * 8, Kind.SCP)
    assert "8 levels" in deep.message
    (many,) = level_refusals([["p"], ["p"] * 11], Kind.SCP)
    assert many.path == "[1]"
    assert level_refusals([["p"] * 6], Kind.RCP)


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_is_read_with_quantifier_and_suffix(name: str) -> None:
    plain = parse_operator(name)
    assert plain is not None
    assert (plain.name, plain.quantifier, plain.if_exists) == (name, None, False)
    quantified = parse_operator(f"ForAnyValue:{name}")
    assert quantified is not None
    assert quantified.quantifier is Quantifier.ANY
    assert (parse_operator(f"{name}IfExists") is None) is (name == "Null")
