"""Mutants of our own deployed policies: each that does harm leaks, with a witness that replays; the others are proved.

What does harm is not asked of the proof: `force` searches by the concrete evaluator alone, `labels` keeps what it
found, and `reviewed` says what people decided.
"""

from __future__ import annotations

import json
from functools import cache

import pytest

from infra.proof.facts import Record, assemble, read_deployment
from infra.proof.report import Report, Verdict
from infra.proof.template.inputs import Input
from infra.proof.template.prove import prove_all
from infra.proof.theorem.prove import prove
from tests.isolation.broken.blueprint import AWS_CONFIG_ROLE
from tests.proof.mutations.catalogue import mutants, owners_of
from tests.proof.mutations.force import search
from tests.proof.mutations.labels import labels, passes
from tests.proof.mutations.mutants import Mutant
from tests.proof.mutations.replaying import replays
from tests.proof.recorded.exports import recorded

MUTANTS = mutants()
HARMFUL = [each for each in MUTANTS if labels().get(each.name)]
HARMLESS = [each for each in MUTANTS if not labels().get(each.name)]
#: What is searched again in every run, beside the replay of all requests: one in so many of those that do no harm.
_ONE_IN = 8
#: What goes through the proof by classes of tenants too: one in so many.
_BY_CLASSES = (*HARMFUL[::6], *HARMLESS[::20])
#: The policy of AWS's own that no stack holds.
MANAGED = {"arn:aws:iam::aws:policy/service-role/AWS_ConfigRole": json.dumps(AWS_CONFIG_ROLE.to_json())}


@cache
def _recorded(owner: str) -> tuple[Record, ...]:
    return read_deployment(recorded()[owner], owner)


def _proved(mutant: Mutant) -> Report:
    exports = mutant.exports()
    records = [
        record
        for owner in owners_of(mutant)
        for record in (
            _recorded(owner) if exports[owner] is recorded()[owner] else read_deployment(exports[owner], owner)
        )
    ]
    return prove(assemble(records, managed=MANAGED))


@pytest.mark.parametrize("mutant", HARMFUL, ids=lambda each: each.name)
def test_harm_is_a_leak_whose_witness_replays(mutant: Mutant) -> None:
    report = _proved(mutant)
    assert report.verdict is Verdict.LEAK
    leaks = [one for one in report.findings if one.verdict is Verdict.LEAK]
    assert all(one.statements or one.chain for one in leaks)
    assert [one for one in leaks if not replays(mutant, one)] == []


@pytest.mark.parametrize("mutant", HARMLESS, ids=lambda each: each.name)
def test_no_harm_is_proved(mutant: Mutant) -> None:
    report = _proved(mutant)
    assert report.findings == ()
    assert report.verdict is Verdict.PROVED


@pytest.mark.parametrize("mutant", _BY_CLASSES, ids=lambda each: each.name)
def test_the_proof_by_classes_says_the_same(mutant: Mutant) -> None:
    inputs = [Input(owner, json.dumps(export).encode()) for owner, export in mutant.exports().items()]
    verdict = Verdict.LEAK if labels()[mutant.name] else Verdict.PROVED
    assert prove_all(inputs, managed=MANAGED).verdict is verdict


@pytest.mark.parametrize("mutant", HARMFUL, ids=lambda each: each.name)
def test_the_request_of_a_label_passes(mutant: Mutant) -> None:
    found = labels()[mutant.name]
    assert found is not None
    assert passes(mutant, found)


@pytest.mark.parametrize("mutant", HARMLESS[::_ONE_IN], ids=lambda each: each.name)
def test_no_request_is_found_where_a_label_says_so(mutant: Mutant) -> None:
    assert next(search(mutant), None) is None


def test_what_was_recorded_is_proved_and_does_no_harm() -> None:
    nothing = Mutant("as recorded", "")
    assert next(search(nothing), None) is None
    assert _proved(nothing).verdict is Verdict.PROVED


def test_every_mutant_has_a_label_and_every_label_a_mutant() -> None:
    assert sorted(labels()) == sorted(each.name for each in MUTANTS)
    assert len(MUTANTS) >= 150
    assert len(HARMFUL) >= 50
    assert len(HARMLESS) >= 50


def test_every_kind_of_mutation_is_there() -> None:
    kinds = {kind for each in MUTANTS for kind in each.kind.split(" + ")}
    assert kinds == {
        "widen a resource",
        "drop a condition",
        "drop a deny",
        "change an operator",
        "add a principal",
        "remove a boundary",
        "un-terminate a prefix",
        "add a grant",
        "add an action",
        "route around an endpoint",
        "reorder",
        "rename",
        "narrow",
        "add a redundant deny",
        "equivalent operators",
        "a condition that cannot matter",
    }
    found = [one for each in HARMFUL if (one := labels()[each.name])]
    assert {one.claim for one in found} == {"isolation", "outside", "foundation", "transport"}
    steps = {step for one in found for step in one.chain}
    assert any("/bh-dev-platform-gateway/attacker assumes" in step for step in steps)
