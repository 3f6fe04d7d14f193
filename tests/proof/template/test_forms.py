"""The form of a tenant covers every field of every fact, and does not depend on names or on the order of facts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, cast

import msgspec
import pytest

from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Grant
from infra.proof.facts import (
    Document,
    Family,
    KeyGrant,
    NotModelled,
    Principal,
    PrincipalKind,
    Resource,
    Route,
    RouteKind,
    Source,
    Unknown,
)
from infra.proof.template.classes import classes
from infra.proof.template.forms import Form
from infra.proof.template.units import Unit
from infra.proof.template.writing import form_of, with_controls
from infra.proof.theorem.inputs import Control
from tests.proof.facts.exports import allow

_KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-1111-2222-3333-444444444444"


def _unit(name: str = "zeta") -> Unit:
    source = Source(f"project/{name}", f"urn:pulumi:{name}::project::type::a", "program.py", 3)
    role = f"arn:aws:iam::123456789012:role/{name}-work"
    identity = Document(
        allow("s3:GetObject", resource=f"arn:aws:s3:::{name}-data/*"), PolicyKind.IDENTITY, source, "policy"
    )
    trust = dataclasses.replace(identity, text=allow("sts:AssumeRole"), kind=PolicyKind.TRUST)
    guard = Document(allow("s3:*", Principal="*"), PolicyKind.RESOURCE, source, "policy", "s3")
    endpoint = Document(allow("s3:*", Principal="*"), PolicyKind.ENDPOINT, source, "policy")
    boundary = Document(allow("s3:*"), PolicyKind.BOUNDARY, source, "policy", arn=f"arn:aws:iam::1:policy/{name}")
    pairs = {"tenant": name}
    return Unit(
        principals=[
            Principal(role, PrincipalKind.ROLE, name, "123456789012", (identity,), boundary, trust, pairs, source)
        ],
        resources=[
            Resource(
                arn=f"arn:aws:s3:::{name}-data",
                token="aws:s3/bucket:Bucket",
                families=(Family(f"arn:aws:s3:::{name}-data", "s3", "bucket"),),
                owner=name,
                account="123456789012",
                policies=(guard,),
                tags=pairs,
                runs_as=(role,),
                keys=(_KEY,),
                settings={"sseAlgorithm": "aws:kms"},
                source=source,
            )
        ],
        routes=[
            Route(
                "vpce-1", RouteKind.GATEWAY, "s3", endpoint, "vpc-1", name, "123456789012", ("rtb-1",), ("subnet-1",),
                ("sg-1",), private_names=True, source=source,
            )
        ],
        grants=[
            KeyGrant(Grant(role, frozenset({"Decrypt"}), _KEY, pairs, pairs, "grant"), role, source),
        ],
        unknown=[Unknown(source, "arn", "why it is not known")],
        not_modelled=[NotModelled("aws:x/y:Z", source, could_matter=True, why="why it could matter")],
    )  # fmt: skip


def _changed(value: object) -> Iterator[object]:
    """The value with one thing in it changed, for each thing in it."""
    match value:
        case Enum():
            yield next(one for one in type(value) if one is not value)
        case bool():
            yield not value
        case int():
            yield value + 1
        case str() | None:
            yield f"{value or ''}/x"
        case frozenset():
            yield cast("frozenset[str]", value) | {"more"}
        case tuple():
            entries = cast("tuple[object, ...]", value)
            yield ()
            yield from ((changed, *entries[1:]) for changed in _changed(entries[0]))
        case Mapping():
            members = cast("Mapping[str, str]", value)
            yield {**members, "more": "x"}
            yield from ({**members, key: f"{inner}/x"} for key, inner in members.items())
        case _:
            yield from _with_changed_fields(value)


def _with_changed_fields(fact: object) -> Iterator[object]:
    assert dataclasses.is_dataclass(fact)
    assert not isinstance(fact, type)
    for field in dataclasses.fields(fact):
        for changed in _changed(getattr(fact, field.name)):
            is_text = isinstance(fact, Document) and field.name == "text"
            yield dataclasses.replace(fact, **{field.name: allow("s3:PutObject") if is_text else changed})


def _cases() -> Iterator[Any]:
    unit = _unit()
    for kind in dataclasses.fields(unit):
        (fact,) = cast("list[object]", getattr(unit, kind.name))
        for number, changed in enumerate(_changed(fact)):
            yield pytest.param(kind.name, changed, id=f"{kind.name}-{number}")


@pytest.mark.parametrize(("kind", "changed"), _cases())
def test_every_field_of_every_fact_counts(kind: str, changed: object) -> None:
    other = _unit()
    setattr(other, kind, [changed])
    assert form_of("zeta", other).digest != form_of("zeta", _unit()).digest


def test_names_alone_make_no_other_form() -> None:
    one, other = form_of("zeta", _unit("zeta")), form_of("omega", _unit("omega"))
    assert one.digest == other.digest
    assert [pair for pair in zip(one.words, other.words, strict=True) if pair[0] != pair[1]] == [("zeta", "omega")]


def test_the_order_of_facts_makes_no_other_form() -> None:
    def with_two(first: str, second: str) -> Unit:
        unit = _unit()
        source = unit.unknown[0].source
        unit.unknown = [
            Unknown(dataclasses.replace(source, urn=f"{source.urn}{one}"), "arn", one) for one in (first, second)
        ]
        return unit

    assert form_of("zeta", with_two("b", "c")).digest == form_of("zeta", with_two("c", "b")).digest


def test_nor_does_it_where_only_digits_tell_facts_apart() -> None:
    def with_zones(*zones: str) -> Unit:
        unit = _unit()
        source = unit.unknown[0].source
        unit.unknown = [Unknown(dataclasses.replace(source, urn=f"{source.urn}-{one}"), "arn", one) for one in zones]
        return unit

    assert form_of("zeta", with_zones("1a", "1b")).digest == form_of("zeta", with_zones("1b", "1a")).digest


@pytest.mark.parametrize(
    "change",
    [
        {"action": "s3:PutObject"},
        {"resource": "arn:aws:s3:::zeta-other/*"},
        {"principal_arn": "arn:aws:iam::123456789012:role/zeta-other"},
        {"context": {"aws:SourceVpce": "vpce-1/x"}},
        {"context": {}},
    ],
)
def test_what_a_tenant_must_be_able_to_do_counts(change: dict[str, Any]) -> None:
    control = Control(
        owner="zeta",
        principal_arn="arn:aws:iam::123456789012:role/zeta-work",
        action="s3:GetObject",
        resource="arn:aws:s3:::zeta-data/x",
        context={"aws:SourceVpce": "vpce-1"},
    )
    form = form_of("zeta", _unit())
    changed = dataclasses.replace(control, **change)
    assert with_controls("zeta", form, [control]).digest != with_controls("zeta", form, [changed]).digest


def test_a_document_longer_than_aws_takes_makes_another_form() -> None:
    def with_name(name: str) -> Form:
        unit = _unit(name)
        (principal,) = unit.principals
        (document,) = principal.identity
        text = allow("s3:GetObject", resource=[f"arn:aws:s3:::{name}-{number}" for number in range(250)])  # pyright: ignore[reportArgumentType]
        unit.principals = [dataclasses.replace(principal, identity=(dataclasses.replace(document, text=text),))]
        return form_of(name, unit)

    short, long = with_name("zeta"), with_name("zeta" * 9)
    assert short.digest != long.digest


def test_a_word_that_only_an_escape_hides_has_a_meaning() -> None:
    unit = _unit()
    (principal,) = unit.principals
    (document,) = principal.identity
    hidden = (document.text or "").replace("zeta-data", "\\u007aeta-data")
    unit.principals = [dataclasses.replace(principal, identity=(dataclasses.replace(document, text=hidden),))]
    assert "zeta" not in next(iter(classes({"zeta": form_of("zeta", unit)}, []))).names["zeta"]
    assert "zeta" in next(iter(classes({"zeta": form_of("zeta", _unit())}, []))).names["zeta"]


def test_a_form_can_be_kept() -> None:
    form = form_of("zeta", _unit())
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(form), type=Form) == form
