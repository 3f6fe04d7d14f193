"""What is left out of questions changes no answer: actions that nothing lists, and exactly what is excepted."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from infra.evaluator.compiling import compile_policy
from infra.evaluator.document import Condition, Statement
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import caller_of
from infra.proof.symbolic import Family, Question, Sat, Unsat, decide
from infra.proof.theorem.asking import listed
from infra.proof.theorem.exceptions import requests, without
from tests.proof.arbitrary_questions import World, questions

_CASES = max(200, int(os.environ.get("BULKHEAD_PROOF_CASES", "2000")) // 10)
_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_BUCKET = "arn:aws:s3:::data"


@given(questions())
@settings(deadline=None, max_examples=_CASES, suppress_health_check=[HealthCheck.too_slow])
def test_actions_that_nothing_lists_change_no_answer(asked: tuple[World, Question]) -> None:
    _, question = asked
    narrowed = replace(question, actions=listed(question))
    assert isinstance(decide(narrowed), Sat) is isinstance(decide(question), Sat)


def _asked(*actions: str, family: str = f"{_BUCKET}/*") -> Question:
    return Question(
        caller=caller_of("arn:aws:iam::111122223333:role/acme"),
        family=Family.like(family, "111122223333"),
        actions=actions,
        policies=Applicable(identity=(compile_policy(_ALL, PolicyKind.IDENTITY),)),
    )


@pytest.mark.parametrize(
    ("excepted", "all_of_it"),
    [
        (requests(), True),
        (requests(actions=("s3:Get*",)), True),
        (requests(actions=("s3:Put*",)), False),
        (requests(not_actions=("s3:Put*",)), True),
        (requests(not_actions=("s3:Get*",)), False),
        (requests(resources=(f"{_BUCKET}/*",)), True),
        (requests(resources=(f"{_BUCKET}/public/*",)), False),
        (requests(not_resources=(f"{_BUCKET}/public/*",)), False),
        (requests(conditions=(Condition("Bool", "aws:securetransport", ("false",)),)), False),
    ],
)
def test_what_is_excepted_is_not_asked_about(excepted: Statement, *, all_of_it: bool) -> None:
    question = without(_asked("s3:GetObject"), excepted)
    assert (decide(question) == Unsat()) is all_of_it


def test_what_is_left_is_outside_of_what_is_excepted() -> None:
    answer = decide(without(_asked("s3:GetObject"), requests(resources=(f"{_BUCKET}/public/*",))))
    assert isinstance(answer, Sat)
    assert not answer.witness.resource.startswith(f"{_BUCKET}/public/")
    answer = decide(without(_asked("s3:GetObject"), requests(not_resources=(f"{_BUCKET}/public/*",))))
    assert isinstance(answer, Sat)
    assert answer.witness.resource.startswith(f"{_BUCKET}/public/")


def test_without_exceptions_the_question_is_the_same() -> None:
    question = _asked("s3:GetObject")
    assert without(question) is question
