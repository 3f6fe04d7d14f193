"""Which tenants stand for each other, and which must not."""

from __future__ import annotations

import pytest

from infra.proof.template.classes import classes
from infra.proof.template.forms import Form, Writer

_UUIDS = {
    "one": "00000000-1111-2222-3333-444444444444",
    "two": "5a5a5a5a-6666-7777-8888-999999999999",
}


def _form(*texts: str) -> Form:
    to = Writer()
    for text in texts:
        to.name(text)
    return to.form()


def _classes(tenants: dict[str, tuple[str, ...]], *shared: str) -> list[tuple[str, ...]]:
    found = classes({name: _form(*texts) for name, texts in tenants.items()}, [_form(*shared)])
    return sorted(one.tenants for one in found)


def _named(template: str, *tenants: str) -> dict[str, tuple[str, ...]]:
    return {name: (name, template.replace("@", name)) for name in tenants}


def test_tenants_that_differ_in_names_are_one_class() -> None:
    assert _classes(_named("bh-@-*", "zeta", "omega", "sigma")) == [("omega", "sigma", "zeta")]


def test_a_tenant_whose_id_extends_another_s_is_a_class_of_its_own() -> None:
    assert _classes(_named("bh-@*", "zeta", "zetaeu", "omega", "sigma")) == [("omega", "sigma"), ("zeta",), ("zetaeu",)]
    assert _classes(_named("bh-@-*", "zeta", "zeta-eu", "omega", "sigma")) == [
        ("omega", "sigma"),
        ("zeta",),
        ("zeta-eu",),
    ]


def test_an_id_in_somebody_else_s_facts_is_no_name() -> None:
    tenants = _named("bh-@-*", "zeta", "omega", "sigma", "kappa")
    tenants["kappa"] = ("kappa", "bh-zeta-*")
    assert _classes(tenants) == [("kappa",), ("omega", "sigma"), ("zeta",)]
    assert _classes(_named("bh-@-*", "zeta", "omega", "sigma"), "bh-zeta-data") == [("omega", "sigma"), ("zeta",)]


def test_patterns_tell_letters_from_capitals() -> None:
    tenants = _named("bh-@-data", "Zeta", "zed", "Omega", "sigma")
    assert _classes(tenants, "bh-z*") == _classes(tenants, "bh-Z*") == [("Omega", "sigma"), ("Zeta",), ("zed",)]
    assert _classes(_named("bh-@-data", "zetA", "omega", "sigma"), "*a-data") == [("omega", "sigma"), ("zetA",)]
    assert _classes(tenants, "bh-*") == [("Omega", "Zeta", "sigma", "zed")]


@pytest.mark.parametrize(
    ("pattern", "apart"),
    [
        ("bh-z*", [("omega", "sigma"), ("zed", "zeta")]),
        ("*a-data", [("omega", "sigma", "zeta"), ("zed",)]),
        ("*et*", [("omega", "sigma", "zed"), ("zeta",)]),
        ("bh-z*a-data", [("omega", "sigma"), ("zed",), ("zeta",)]),
        ("bh-????-data", [("omega", "sigma"), ("zed",), ("zeta",)]),
        ("bh-*", [("omega", "sigma", "zed", "zeta")]),
        ("bh-${aws:PrincipalTag/tenant}-*", [("omega", "sigma", "zed", "zeta")]),
        ("bh-${aws:PrincipalTag/tenant}*", [("omega",), ("sigma",), ("zed",), ("zeta",)]),
    ],
)
def test_what_a_shared_pattern_tells_apart_is_apart(pattern: str, apart: list[tuple[str, ...]]) -> None:
    assert _classes(_named("bh-@-data", "zeta", "omega", "sigma", "zed"), pattern) == apart


@pytest.mark.parametrize("shared", ["key/00000000-*", "key/*4444", "key/${aws:username}-*"])
def test_a_uuid_of_which_a_pattern_names_a_part_is_no_name(shared: str) -> None:
    tenants = {name: (f"key/{uuid}",) for name, uuid in _UUIDS.items()}
    assert _classes(tenants) == [("one", "two")]
    assert _classes(tenants, shared) == [("one",), ("two",)]


def test_a_value_that_cannot_be_the_beginning_of_a_uuid_leaves_it_a_name() -> None:
    tenants = {name: (f"key/{uuid}",) for name, uuid in _UUIDS.items()}
    assert _classes(tenants, "bh-${aws:username}-*") == [("one", "two")]


def test_words_that_mean_something_are_no_names() -> None:
    tenants = {"omega": ("omega", "arn:aws:sqs:x:1:omega"), "sigma": ("sigma", "arn:aws:sns:x:1:sigma")}
    assert _classes(tenants) == [("omega",), ("sigma",)]


def test_words_that_differ_in_case_only_are_no_names() -> None:
    tenants = _named("bh-@-data", "omega", "sigma", "kappa", "OMEGA")
    assert _classes(tenants) == [("OMEGA",), ("kappa", "sigma"), ("omega",)]


def test_names_of_one_class_correspond() -> None:
    tenants = {name: (f"bh-{name}-{name}x", f"vpce-{name}9") for name in ("omega", "sigma")}
    (found,) = classes({name: _form(*texts) for name, texts in tenants.items()}, [_form("bh vpce")])
    assert found.names == {name: (name, f"{name}x", f"{name}9") for name in ("omega", "sigma")}
