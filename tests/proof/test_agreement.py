"""The symbolic answer agrees with the concrete evaluator, in both directions, on arbitrary small policy sets."""

from __future__ import annotations

import os

from arbitrary_questions import World, all_requests, questions
from hypothesis import HealthCheck, given, settings

from infra.evaluator.evaluate import evaluate
from infra.evaluator.glob import glob
from infra.proof.symbolic import Question, Sat, Unsat, decide

#: How many policy sets are tried; continuous integration sets it to at least 10,000.
CASES = int(os.environ.get("BULKHEAD_PROOF_CASES", "1000"))


@given(questions())
@settings(deadline=None, max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
def test_agrees_with_the_evaluator(asked: tuple[World, Question]) -> None:
    world, question = asked
    answer = decide(question)
    if isinstance(answer, Sat):
        assert glob(world.service.family)(answer.witness.resource)
        assert answer.witness.action in question.actions
        assert evaluate(answer.witness, question.policies).allowed
    else:
        assert answer == Unsat()
        allowed = [one for one in all_requests(world, question) if evaluate(one, question.policies).allowed]
        assert not allowed
