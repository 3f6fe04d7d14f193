"""What grants a request: identity policies, the resource's policy, or both, within boundary and session policies.

Source: IAM User Guide, "Policy evaluation for requests within a single account", "Cross-account policy evaluation
logic", "Permissions boundaries for IAM entities" and "How to use trust policies with IAM roles"; AWS KMS Developer
Guide, "Key policies in AWS KMS".
"""

from __future__ import annotations

from infra.evaluator.decision import Layer, StatementRef, Verdict
from infra.evaluator.facts import Facts
from infra.evaluator.layers.ceilings import allows, first_allow
from infra.evaluator.layers.grants import granted
from infra.evaluator.layers.prepared import Prepared
from infra.evaluator.layers.reach import IDENTITIES
from infra.evaluator.layers.wording import allowed, counted_allow, lacking, reference
from infra.evaluator.matching import Match
from infra.evaluator.principals import Reach
from infra.evaluator.request import CallerKind


def grant(facts: Facts, prepared: Prepared, notes: list[str]) -> Verdict:
    """The verdict on a request that nothing denies and that control and endpoint policies let pass."""
    named = _named_by_resource(facts, prepared)
    if facts.caller.kind not in IDENTITIES:
        return _to_outsider(facts, prepared, named, notes)
    if facts.same_account:
        return _within_account(facts, prepared, named, notes)
    return _across_accounts(facts, prepared, named, notes)


def _to_outsider(facts: Facts, prepared: Prepared, named: Match | None, notes: list[str]) -> Verdict:
    """Services, identity providers' users and the anonymous have no policies of their own: the resource's decides."""
    if named is not None:
        return _by_resource(facts, prepared, named, notes)
    passed = granted(facts, prepared.grants, notes)
    return passed or lacking(prepared.resource_layer, [prepared.resource_layer], facts, notes)


def _within_account(facts: Facts, prepared: Prepared, named: Match | None, notes: list[str]) -> Verdict:
    """Identity policy or resource policy; boundary and session limit what names a role, not what names the session."""
    limits = list(notes)
    lack = _lacking_limit(facts, prepared, limits)
    if named is not None and (named.reach is Reach.DIRECT or (named.reach is Reach.ROLE and lack is None)):
        return _by_resource(facts, prepared, named, notes if named.reach is Reach.DIRECT else limits)
    delegated = named is not None or not _needs_resource_policy(facts, prepared)
    identity = _identity(facts, prepared)
    if identity is not None and delegated and lack is None:
        return _by_identity(facts, identity, named, prepared, limits)
    passed = granted(facts, prepared.grants, notes)
    if passed is not None:
        return passed
    if not delegated:
        which = " that names the caller or its account"
        return lacking(prepared.resource_layer, [prepared.resource_layer], facts, notes, which)
    if identity is None and (named is None or named.reach is Reach.ACCOUNT):
        either = [Layer.IDENTITY] if prepared.resource_layer is Layer.TRUST else [Layer.IDENTITY, Layer.RESOURCE]
        return lacking(Layer.IDENTITY, either, facts, notes)
    return _beyond_limit(lack, facts, notes)


def _across_accounts(facts: Facts, prepared: Prepared, named: Match | None, notes: list[str]) -> Verdict:
    """Both must allow: the caller's account by identity policies, the resource's account by the resource's policy."""
    limits = list(notes)
    lack = _lacking_limit(facts, prepared, limits)
    identity = _identity(facts, prepared)
    if identity is not None and named is not None and lack is None:
        return _by_both(facts, identity, named, prepared, limits)
    passed = granted(facts, prepared.grants, notes)
    if passed is not None:
        return passed
    if identity is None:
        which = f" of the caller's account {facts.caller.account}"
        return lacking(Layer.IDENTITY, [Layer.IDENTITY], facts, notes, which)
    if lack is not None:
        return _beyond_limit(lack, facts, notes)
    which = f" of the resource's account {facts.owner}"
    return lacking(prepared.resource_layer, [prepared.resource_layer], facts, notes, which)


def _named_by_resource(facts: Facts, prepared: Prepared) -> Match | None:
    """The statement of the resource's policy that allows the request and names the caller most directly."""
    matches = [match for policy in prepared.resource for match in policy.allows(facts)]
    return max(matches, key=lambda match: (match.reach, not match.readings), default=None)


def _identity(facts: Facts, prepared: Prepared) -> Match | Layer | None:
    """What allows the request on the caller's side; the root user needs no policy."""
    return Layer.ROOT if facts.caller.kind is CallerKind.ROOT else first_allow(prepared.identity, facts)


def _needs_resource_policy(facts: Facts, prepared: Prepared) -> bool:
    """Whether identity policies count only where the resource's policy delegates to the account: keys and roles."""
    return prepared.resource_layer is Layer.TRUST or (facts.service == "kms" and ":key/" in facts.resource)


def _lacking_limit(facts: Facts, prepared: Prepared, notes: list[str]) -> Layer | None:
    """The limit of the caller that does not allow the request; the root user has none.

    A federated user's session has only what a session policy passes on. Source: AWS STS API Reference,
    "GetFederationToken".
    """
    if facts.caller.kind is CallerKind.ROOT:
        return None
    if facts.caller.kind is CallerKind.FEDERATED_USER and not prepared.session:
        return Layer.SESSION
    if prepared.boundary and not allows(prepared.boundary, facts, Layer.BOUNDARY, notes):
        return Layer.BOUNDARY
    if prepared.session and not allows(prepared.session, facts, Layer.SESSION, notes):
        return Layer.SESSION
    return None


def _beyond_limit(lack: Layer | None, facts: Facts, notes: list[str]) -> Verdict:
    layer = lack or Layer.IDENTITY
    return lacking(layer, [layer], facts, notes)


def _by_resource(facts: Facts, prepared: Prepared, named: Match, notes: list[str]) -> Verdict:
    layer = prepared.resource_layer
    refs = [_counted(named, layer, notes)]
    why = f"{refs[0]} of the {layer} allows {facts.request.action} on {facts.resource}."
    return allowed(layer, why, refs, notes)


def _by_identity(
    facts: Facts, identity: Match | Layer, named: Match | None, prepared: Prepared, notes: list[str]
) -> Verdict:
    refs: list[StatementRef] = []
    if isinstance(identity, Match):
        layer, who = Layer.IDENTITY, str(_counted(identity, Layer.IDENTITY, notes, refs))
    else:
        layer, who = Layer.ROOT, "The account's root user"
    why = f"{who} allows {facts.request.action} on {facts.resource}."
    if isinstance(identity, Layer):
        why = f"The account's root user may do {facts.request.action} on {facts.resource}."
    if named is not None and _needs_resource_policy(facts, prepared):
        delegating = _counted(named, prepared.resource_layer, notes, refs)
        why += f" {delegating} leaves it to the account's identity policies."
    return allowed(layer, why, refs, notes)


def _by_both(facts: Facts, identity: Match | Layer, named: Match, prepared: Prepared, notes: list[str]) -> Verdict:
    refs: list[StatementRef] = []
    if isinstance(identity, Match):
        _counted(identity, Layer.IDENTITY, notes, refs)
    _counted(named, prepared.resource_layer, notes, refs)
    both = " and ".join(map(str, refs))
    why = f"{both} allow {facts.request.action} on {facts.resource} from account {facts.caller.account}."
    return allowed(prepared.resource_layer, why, refs, notes)


def _counted(match: Match, layer: Layer, notes: list[str], refs: list[StatementRef] | None = None) -> StatementRef:
    """The statement of a match that grants, its reading noted."""
    if match.readings:
        notes.append(counted_allow(match, layer))
    ref = reference(match, layer)
    if refs is not None:
        refs.append(ref)
    return ref
