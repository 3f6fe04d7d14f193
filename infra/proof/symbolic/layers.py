"""What must hold of a request so that it is allowed: every layer of the evaluation as one formula.

It says the same as `infra.evaluator.layers`, of requests whose action is known. Source: IAM User Guide, "How AWS
enforcement code logic evaluates requests to allow or deny access", "Policy evaluation for requests within a single
account" and "Cross-account policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from infra.evaluator.decision import Layer
from infra.evaluator.document import Policy, PrincipalName
from infra.evaluator.facts import Facts
from infra.evaluator.kinds import Effect
from infra.evaluator.layers.grants import WITH_CONTEXT
from infra.evaluator.layers.reach import IDENTITIES, binds
from infra.evaluator.principals import Reach, names_caller
from infra.evaluator.request import CallerKind
from infra.proof.symbolic.checks import RESOURCE, Check
from infra.proof.symbolic.encoding import Encoding
from infra.proof.symbolic.formula import Formula, all_of, any_of, negation
from infra.proof.symbolic.model import KEY_MARK, Model
from infra.proof.symbolic.statements import Asked
from infra.proof.symbolic.tables import Outcomes


class Layers:
    """The layers for all requests with one action.

    Args:
        model: The question's model.
        encoding: Where its variables are encoded.
        facts: Any request with the action.

    Attributes:
        opaque: What was asked that is not modelled.
    """

    def __init__(self, model: Model, encoding: Encoding, facts: Facts) -> None:
        self._model = model
        self._policies = model.question.policies
        self._encoding = encoding
        self._facts = facts
        self.opaque: dict[str, None] = {}

    def allowed(self) -> Formula:
        """That a request is allowed; what is open counts in an Allow and does not in a Deny."""
        granted = all_of([self._ceilings(), self._granted()])
        return granted if granted is False else all_of([granted, negation(any_of(self._denials()))])

    def _denials(self) -> Iterator[Formula]:
        for layer, policies in self._every():
            if binds(layer, self._facts):
                for one in self._about(policies, Effect.DENY):
                    yield self._certain(one)

    def _every(self) -> Iterator[tuple[Layer, Sequence[Policy]]]:
        policies = self._policies
        yield Layer.RCP, [one for level in policies.rcps for one in level]
        yield Layer.SCP, [one for level in policies.scps for one in level]
        yield Layer.ENDPOINT, _one(policies.endpoint)
        yield Layer.TRUST if policies.trust else Layer.RESOURCE, _one(policies.resource)
        yield Layer.IDENTITY, policies.identity
        yield Layer.BOUNDARY, _one(policies.boundary)
        yield Layer.SESSION, policies.session or ()

    def _ceilings(self) -> Formula:
        ceilings: list[Formula] = []
        if binds(Layer.SCP, self._facts):
            ceilings.extend(self._allows(level) for level in self._policies.scps)
        if self._policies.endpoint is not None and binds(Layer.ENDPOINT, self._facts):
            ceilings.append(self._allows(_one(self._policies.endpoint)))
        return all_of(ceilings)

    def _granted(self) -> Formula:
        by_grant = any_of(self._grants())
        reached = [
            (named.reach, self._possible(one))
            for one in self._about(_one(self._policies.resource), Effect.ALLOW)
            if (named := one.names(self._facts)) is not None
        ]
        named = any_of(formula for _, formula in reached)
        if self._facts.caller.kind not in IDENTITIES:
            return any_of([named, by_grant])
        within = self._within_limits()
        is_root = self._facts.caller.kind is CallerKind.ROOT
        identity = True if is_root else self._allows(self._policies.identity)
        if not self._facts.same_account:
            return any_of([by_grant, all_of([identity, named, within])])
        directly = any_of(formula for reach, formula in reached if reach is Reach.DIRECT)
        as_role = any_of(formula for reach, formula in reached if reach is Reach.ROLE)
        delegated = any_of([named, negation(self._needs_resource_policy())])
        return any_of([directly, by_grant, all_of([as_role, within]), all_of([identity, delegated, within])])

    def _within_limits(self) -> Formula:
        kind = self._facts.caller.kind
        if kind is CallerKind.ROOT:
            return True
        if kind is CallerKind.FEDERATED_USER and not self._policies.session:
            return False
        limits = [_one(self._policies.boundary), self._policies.session or ()]
        return all_of(self._allows(policies) for policies in limits if policies)

    def _needs_resource_policy(self) -> Formula:
        if self._policies.trust:
            return True
        if self._facts.service != "kms":
            return False
        arns = self._model.domains[RESOURCE].choices
        return self._resource_is(place for place, arn in enumerate(arns) if isinstance(arn, str) and KEY_MARK in arn)

    def _resource_is(self, places: Iterable[int]) -> Formula:
        return self._encoding.holds(RESOURCE, Outcomes(frozenset(places)))

    def _grants(self) -> Iterator[Formula]:
        operation = self._facts.action.partition(":")[2]
        kind = "Service" if self._facts.caller.kind is CallerKind.SERVICE else "AWS"
        for place, grant in enumerate(self._policies.grants):
            covered = self._facts.service == "kms" and operation in {name.lower() for name in grant.operations}
            if not covered or names_caller(PrincipalName(kind, grant.grantee), self._facts.caller) is None:
                continue
            arns = self._model.domains[RESOURCE].choices
            its_key = [number for number, arn in enumerate(arns) if grant.key in (None, arn)]
            constraints = self._model.grants[place] if operation in WITH_CONTEXT else ()
            yield all_of([self._resource_is(its_key), *(self._check(check, certain=False) for check in constraints)])

    def _allows(self, policies: Iterable[Policy]) -> Formula:
        return any_of(self._possible(one) for one in self._about(policies, Effect.ALLOW))

    def _about(self, policies: Iterable[Policy], effect: Effect) -> Iterator[Asked]:
        for policy in policies:
            for one in self._model.asked[policy]:
                if one.effect is effect and one.lists(self._facts):
                    yield one

    def _possible(self, one: Asked) -> Formula:
        if one.names(self._facts) is None:
            return False
        return all_of(self._check(check, certain=False) for check in one.checks)

    def _certain(self, one: Asked) -> Formula:
        named = one.names(self._facts)
        if named is None or named.answer is not True:
            return False
        return all_of(self._check(check, certain=True) for check in one.checks)

    def _check(self, check: Check, *, certain: bool) -> Formula:
        reason = self._model.opaque.get(check)
        if reason is not None:
            self.opaque[reason] = None
            return not certain
        if check in self._model.constants:
            answer = self._model.constants[check]
            return not certain if answer is None else answer
        truth = self._model.truths[check]
        return self._encoding.holds(check.variable, truth.certain if certain else truth.possible)


def _one(policy: Policy | None) -> tuple[Policy, ...]:
    return () if policy is None else (policy,)
