"""The answer to a question: for every kind of action, one satisfiability problem over the atoms of the request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from infra.evaluator.decision import Verdict
from infra.evaluator.evaluate import evaluate
from infra.evaluator.facts import Facts
from infra.evaluator.request import CallerKind, ContextValue, Request
from infra.proof.atoms.errors import NotModelled
from infra.proof.symbolic.answers import Sat, SymbolicAnswer, Unknown, Unsat
from infra.proof.symbolic.checks import RESOURCE
from infra.proof.symbolic.encoding import Encoding
from infra.proof.symbolic.formula import Formula, any_of
from infra.proof.symbolic.guesses import guesses
from infra.proof.symbolic.layers import Layers
from infra.proof.symbolic.model import CALLED_VIA, Model
from infra.proof.symbolic.question import Question
from infra.proof.symbolic.solving import model_of
from infra.proof.symbolic.statements import Asked
from infra.proof.symbolic.tables import VIA_SERVICE, Outcomes

#: Whoever can sign a request may ask who it is. Source: AWS STS API Reference, "GetCallerIdentity".
_FREE = "sts:getcalleridentity"
#: Actions that some layer does not bind as it binds the others of their service: `infra.evaluator.layers.reach`.
_SINGULAR = frozenset({_FREE, "kms:retiregrant", "s3:deletebucketpolicy", "s3:getbucketpolicy", "s3:putbucketpolicy"})


def decide(question: Question) -> SymbolicAnswer:
    """Whether any request of a question is allowed by its policies.

    Args:
        question: The caller, the resources, the actions and the policies.

    Returns:
        `Sat` with a request that the concrete evaluator allows; `Unsat` if there is none; `Unknown` if there may be
        one, with what is not modelled.
    """
    if not question.actions:
        return Unsat()
    try:
        model = Model(question)
    except NotModelled as limit:
        return Unknown((limit.why,))
    reasons: dict[str, None] = {}
    for facts in _kinds(model):
        answer = _decide_kind(model, facts)
        if isinstance(answer, Sat):
            return answer
        if isinstance(answer, Unknown):
            reasons.update(dict.fromkeys(answer.reasons))
    if not reasons:
        return Unsat()
    return _guessed(model) or Unknown(tuple(reasons))


def _guessed(model: Model) -> Sat | None:
    """An allowed request with one of some likely values of the keys that policy variables name and the caller chooses.

    What it finds is certain; that it finds nothing says nothing.
    """
    question = model.question
    for chosen in guesses(model):
        answer = decide(replace(question, fixed={**question.fixed, **chosen}))
        if isinstance(answer, Sat):
            return answer
    return None


def _kinds(model: Model) -> Iterator[Facts]:
    """One request for every kind of action."""
    statements = [one for those in model.asked.values() for one in those]
    for those in alike(model.question, statements):
        yield model.question.facts(those[0], "*", {})


def alike(question: Question, statements: Collection[Asked]) -> Iterator[list[str]]:
    """The actions of a question, those together that the same statements list and the same layers bind.

    A request with one of them is allowed exactly if it is with another of them.

    Args:
        question: The question.
        statements: Those of all its policies, and perhaps of others.
    """
    granted = {f"kms:{name.lower()}" for grant in question.policies.grants for name in grant.operations}
    singular = granted | _SINGULAR
    found: dict[tuple[object, ...], list[str]] = {}
    for action in question.actions:
        facts = question.facts(action, "*", {})
        alone = facts.action if facts.action in singular else facts.service
        found.setdefault((alone, *(one.lists(facts) for one in statements)), []).append(action)
    yield from found.values()


def _decide_kind(model: Model, facts: Facts) -> SymbolicAnswer:
    encoding = Encoding(model.domains)
    layers = Layers(model, encoding, facts)
    is_free = facts.action == _FREE and facts.caller.kind is not CallerKind.ANONYMOUS
    formula: Formula = is_free or layers.allowed()
    if formula is False:
        return Unsat()
    encoding.clauses.require(formula)
    _tie_called_via(model, encoding, facts)
    found = model_of(encoding.clauses)
    if found is None:
        return Unsat()
    witness = _request(model, facts, encoding.values(found))
    verdict = evaluate(witness, model.question.policies)
    if verdict.allowed:
        return _least(witness, verdict, model.question)
    return Unknown(tuple(layers.opaque) or (f"{witness.action}: solver and evaluator differ: {verdict.reason}",))


def _request(model: Model, facts: Facts, values: Mapping[str, ContextValue]) -> Request:
    context = {model.written.get(key, key): value for key, value in values.items() if key != RESOURCE}
    arn = values.get(RESOURCE, model.domains[RESOURCE].choices[0])
    return model.question.request(facts.request.action, str(arn), context)


def _least(witness: Request, verdict: Verdict, question: Question) -> Sat:
    """The witness without the context keys that it does not need."""
    fixed = {key.lower() for key in question.fixed}
    for key in [key for key in witness.context if key.lower() not in fixed]:
        less = replace(witness, context={one: value for one, value in witness.context.items() if one != key})
        found = evaluate(less, question.policies)
        if found.allowed:
            witness, verdict = less, found
    return Sat(witness, verdict)


def _tie_called_via(model: Model, encoding: Encoding, facts: Facts) -> None:
    """Require that a request that came through services says so.

    Source: IAM User Guide, "AWS global condition context keys", aws:CalledVia and aws:ViaAWSService.
    """
    if not encoding.mentions(CALLED_VIA):
        return
    directly = encoding.holds(CALLED_VIA, Outcomes(_places(model.domains[CALLED_VIA].choices, None)))
    through: Formula = facts.value(VIA_SERVICE) is True
    if not model.question.is_fixed(VIA_SERVICE):
        if not encoding.mentions(VIA_SERVICE):
            return
        through = encoding.holds(VIA_SERVICE, Outcomes(_places(model.domains[VIA_SERVICE].choices, True)))
    encoding.clauses.require(any_of([directly, through]))


def _places(choices: Iterable[ContextValue], wanted: ContextValue) -> frozenset[int]:
    return frozenset(place for place, value in enumerate(choices) if value is wanted)
