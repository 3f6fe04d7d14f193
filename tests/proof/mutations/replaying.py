"""Replays the witness of a finding against the mutant's policies, read and decided without the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from infra.evaluator.request import ContextValue, caller_of
from infra.proof.report import Finding, Step
from tests.isolation.inventory import Resource
from tests.proof.mutations.mutants import Mutant
from tests.proof.mutations.variant import OUTSIDE_ACCOUNT, Somebody, Variant, administrator_of_the_account, anything

#: Steps that are one request; the others are several, of which a report tells the first.
_PLAIN_STEPS = frozenset({"assume-role", "web-identity"})


def replays(mutant: Mutant, finding: Finding) -> bool:
    """Whether the request of a finding passes, and each step of its chain that is one request."""
    variant = Variant(mutant)
    if finding.principal is None or finding.action is None or finding.resource is None:
        return False
    gained = any(step.kind == "edit-policy" for step in finding.chain)
    who = _somebody(variant, finding.principal, gained=gained)
    return _allowed(variant, who, finding.action, finding.resource, finding.context) and all(
        _step(variant, step) for step in finding.chain if step.kind in _PLAIN_STEPS
    )


def _step(variant: Variant, step: Step) -> bool:
    return _allowed(variant, _somebody(variant, step.principal, gained=False), step.action, step.resource, step.context)


def _allowed(variant: Variant, who: Somebody, action: str, arn: str, context: Mapping[str, ContextValue]) -> bool:
    through = context.get("aws:sourcevpce")
    endpoint = next((each for each in variant.deployed.endpoints if each.id == through), None)
    said = {key.lower(): value for key, value in context.items()}
    own = {key.lower(): value for key, value in who.context.items()}
    resource = Resource("", arn, (), {}, {})
    return variant.allowed(replace(who, context={**own, **said}), action, resource, {}, endpoint)


def _somebody(variant: Variant, principal: str, *, gained: bool) -> Somebody:
    """The caller that a report names: a role, an administrator of another account or of this, or a service."""
    role = next((each for each in variant.roles if each.arn == principal), None)
    if role is not None:
        found = Somebody.of(role)
        return replace(found, identity=(anything(),)) if gained else found
    caller = caller_of(principal)
    if caller.account == OUTSIDE_ACCOUNT:
        return Somebody("outside", caller, identity=(anything(),))
    if caller.account is not None and principal.endswith("/with-all-rights"):
        return administrator_of_the_account()
    return Somebody("outside", caller)
