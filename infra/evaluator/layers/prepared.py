"""The policies that apply to a request, compiled and in the order in which AWS looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from infra.evaluator.decision import Layer
from infra.evaluator.document import Policy
from infra.evaluator.matching import PolicyMatcher, matcher_of
from infra.evaluator.policies import Applicable, Grant


@dataclass(frozen=True, slots=True)
class Prepared:
    """The compiled form of `Applicable`.

    Args:
        identity: The caller's policies.
        boundary: Its permissions boundary; at most one.
        session: The session's policies.
        resource: The resource's policy; at most one.
        resource_layer: What verdicts call the resource's policy.
        endpoint: The endpoint's policy; at most one.
        scps: Service control policies by level.
        every: Every policy with its layer, in the order in which denials are reported.
        grants: KMS grants.
    """

    identity: tuple[PolicyMatcher, ...]
    boundary: tuple[PolicyMatcher, ...]
    session: tuple[PolicyMatcher, ...]
    resource: tuple[PolicyMatcher, ...]
    resource_layer: Layer
    endpoint: tuple[PolicyMatcher, ...]
    scps: tuple[tuple[PolicyMatcher, ...], ...]
    every: tuple[tuple[Layer, PolicyMatcher], ...]
    grants: tuple[Grant, ...]


_PREPARED: WeakKeyDictionary[Applicable, Prepared] = WeakKeyDictionary()


def prepared_of(policies: Applicable) -> Prepared:
    """The compiled form, made once and kept as long as the policies."""
    found = _PREPARED.get(policies)
    if found is None:
        found = _PREPARED[policies] = _prepare(policies)
    return found


def _prepare(policies: Applicable) -> Prepared:
    scps = tuple(_matchers(level) for level in policies.scps)
    rcps = tuple(matcher_of(policy) for level in policies.rcps for policy in level)
    resource_layer = Layer.TRUST if policies.trust else Layer.RESOURCE
    resource = _one(policies.resource)
    endpoint = _one(policies.endpoint)
    identity = _matchers(policies.identity)
    boundary = _one(policies.boundary)
    session = _matchers(policies.session or ())
    every = (
        *((Layer.RCP, one) for one in rcps),
        *((Layer.SCP, one) for level in scps for one in level),
        *((Layer.ENDPOINT, one) for one in endpoint),
        *((resource_layer, one) for one in resource),
        *((Layer.IDENTITY, one) for one in identity),
        *((Layer.BOUNDARY, one) for one in boundary),
        *((Layer.SESSION, one) for one in session),
    )
    return Prepared(
        identity=identity,
        boundary=boundary,
        session=session,
        resource=resource,
        resource_layer=resource_layer,
        endpoint=endpoint,
        scps=scps,
        every=every,
        grants=policies.grants,
    )


def _matchers(policies: tuple[Policy, ...]) -> tuple[PolicyMatcher, ...]:
    return tuple(matcher_of(policy) for policy in policies)


def _one(policy: Policy | None) -> tuple[PolicyMatcher, ...]:
    return () if policy is None else (matcher_of(policy),)
