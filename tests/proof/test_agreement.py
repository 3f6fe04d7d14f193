"""The symbolic answer agrees with the concrete evaluator, in both directions, on arbitrary small policy sets."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

import pytest
from arbitrary_questions import NAMES, TAG, WORLDS, World, all_requests, questions
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from infra.evaluator.answer import Answer
from infra.evaluator.evaluate import evaluate
from infra.evaluator.facts import Facts
from infra.evaluator.glob import glob
from infra.proof.atoms import comparisons
from infra.proof.atoms.shapes import Shape
from infra.proof.atoms.texts import text_atoms
from infra.proof.symbolic import Question, Sat, SymbolicAnswer, Unknown, Unsat, decide, layers, tables
from infra.proof.symbolic.formula import Formula
from infra.proof.symbolic.layers import Layers

#: How many policy sets are tried in all worlds together: about a minute of one core.
CASES = int(os.environ.get("BULKHEAD_PROOF_CASES", "10000"))
#: In so many policy sets a broken prover must be found out.
_TWIN_CASES = 3000
_QUICKLY = settings(
    deadline=None, max_examples=-(-CASES // len(WORLDS)), suppress_health_check=[HealthCheck.too_slow], database=None
)
_TAGS = ("acme", "b", "x", None)


def _allowed_by_force(world: World, question: Question) -> bool:
    return any(evaluate(one, question.policies).allowed for one in all_requests(world, question))


def _agrees(world: World, question: Question, answer: SymbolicAnswer) -> bool:
    if isinstance(answer, Sat):
        asked = glob(world.service.family)(answer.witness.resource) and answer.witness.action in question.actions
        return asked and evaluate(answer.witness, question.policies).allowed
    return answer == Unsat() and not _allowed_by_force(world, question)


@pytest.mark.parametrize("world", WORLDS, ids=NAMES)
def test_agrees_with_the_evaluator(world: World) -> None:
    tried = 0

    @given(questions((world,)))
    @_QUICKLY
    def agrees(asked: tuple[World, Question]) -> None:
        nonlocal tried
        tried += 1
        assert _agrees(world, asked[1], decide(asked[1]))

    agrees()
    assert tried >= CASES / len(WORLDS)


@given(questions())
@settings(_QUICKLY, max_examples=max(100, CASES // 10))
def test_rules_nothing_out_that_a_chosen_tag_allows(asked: tuple[World, Question]) -> None:
    world, question = asked
    answer = decide(replace(question, fixed={}, choosable_tags=("ten*",)))
    if isinstance(answer, Sat):
        assert evaluate(answer.witness, question.policies).allowed
    elif isinstance(answer, Unknown):
        assert all("aws:principaltag/tenant" in reason for reason in answer.reasons)
    else:
        assert not any(_allowed_by_force(world, replace(question, fixed={TAG: tag})) for tag in _TAGS)


def _disagrees(asked: tuple[World, Question]) -> bool:
    world, question = asked
    return not _agrees(world, question, decide(question))


def _no_reading(_layers: Layers, _one: object) -> Formula:
    return False


def _half_of_texts(domain: Shape, shapes: Iterable[Shape]) -> tuple[str, ...]:
    return text_atoms(domain, shapes)[:1]


def _never(_layer: object, _facts: Facts) -> bool:
    return False


def _not_refused(answer: Answer) -> bool:
    return answer is not False


@pytest.mark.parametrize(
    ("where", "name", "broken"),
    [
        pytest.param(Layers, "_certain", _no_reading, id="no Deny counts"),
        pytest.param(Layers, "_possible", _no_reading, id="no Allow counts"),
        pytest.param(layers, "binds", _never, id="no layer binds"),
        pytest.param(comparisons, "text_atoms", _half_of_texts, id="one text only"),
        pytest.param(tables, "_certain", _not_refused, id="what is open denies"),
    ],
)
def test_finds_a_broken_prover_out(where: object, name: str, broken: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(where, name, broken)
    found = settings(deadline=None, max_examples=_TWIN_CASES, phases=[Phase.generate], derandomize=True)
    try:
        find(questions(), _disagrees, settings=found)
    except NoSuchExample:
        pytest.fail("the agreement does not notice")
