"""What a proof says: its verdict, with every finding and everything that it could not know.

`Report` is what ``bulkhead prove --json`` prints, field for field; its schema is `docs/schema/proof.schema.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

#: What a context key holds in a witness.
ContextText = str | bool | int | float | tuple[str | bool | int | float, ...]


class Verdict(StrEnum):
    """What is known of a claim; only `PROVED` passes."""

    PROVED = "Proved"
    LEAK = "Leak"
    UNKNOWN = "Unknown"


class Claim(StrEnum):
    """What a finding contradicts."""

    #: No request of one tenant on what is another's.
    ISOLATION = "isolation"
    #: Nobody outside of the account, and nobody anonymous, reaches what is a tenant's.
    OUTSIDE = "outside"
    #: No principal of a tenant can change what the proof rests on.
    FOUNDATION = "foundation"
    #: What can be encrypted at rest is, with the owner's key.
    ENCRYPTION = "encryption"
    #: What can be asked for without TLS refuses that.
    TRANSPORT = "transport"
    #: Every tenant can do what its specification says.
    CONTROL = "control"
    #: What is shared on purpose is declared, in force, and used.
    SHARING = "sharing"


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that allowed a request.

    Args:
        policy: How the policy is called: its ARN, or the URN and property that it is in.
        statement: Its Sid, or ``statement N``.
        layer: The layer of the evaluation: ``identity``, ``resource``, ``trust``, ``grant``.
        urn: The resource that holds the policy.
        file: The program's file that made it, where that is known.
        line: The line in that file.
    """

    policy: str
    statement: str
    layer: str
    urn: str | None = None
    file: str | None = None
    line: int | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a chain: a request that makes its caller somebody else, or more than it was.

    Args:
        kind: What is done: ``assume-role``, ``web-identity``, ``pass-role``, ``run-code``, ``edit-policy``,
            ``edit-trust``.
        principal: The ARN of who does it.
        action: ``service:Action``.
        resource: The ARN that it is done to.
        context: The context keys that the request needs.
        becomes: The ARN of who the caller is afterwards.
        statements: What allows it.
    """

    kind: str
    principal: str
    action: str
    resource: str
    becomes: str
    context: Mapping[str, ContextText] = {}
    statements: tuple[Statement, ...] = ()


class Finding(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """One thing that is wrong, or that cannot be known to be right.

    Args:
        verdict: `Verdict.LEAK`; `Verdict.UNKNOWN` where something is not known that it rests on, and for a control that
            fails and for sharing that has ended or that nobody uses, which let nobody in.
        from_: Whose principal it starts from: a tenant, ``outside``, or None where nobody's.
        to: Whose resource it is about.
        principal: The ARN of who makes the last request: ``*`` for the anonymous.
        action: ``service:Action``.
        resource: An ARN that the request is allowed on.
        context: The context keys that the request needs.
        chain: The steps from a principal of ``from_`` to ``principal``, none of them superfluous.
        statements: What allows the last request.
        claim: What it contradicts.
        reason: What is wrong, in a sentence, with the remedy.
    """

    verdict: Verdict
    from_: str | None
    to: str | None
    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    context: Mapping[str, ContextText] = {}
    chain: tuple[Step, ...] = ()
    statements: tuple[Statement, ...] = ()
    claim: Claim = Claim.ISOLATION
    reason: str = ""


class UnknownFact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the proof needed and could not know.

    Args:
        urn: The resource.
        property: Its property.
        why: What is not known, and what to model, declare or supply.
        matters: Whether the verdict depends on it.
    """

    urn: str
    property: str
    why: str
    matters: bool = True


class NotModelledType(msgspec.Struct, frozen=True, kw_only=True):
    """A type of resources that the proof does not know.

    Args:
        type: The type token.
        urns: The resources.
        could_matter: Whether one of them could give access.
        why: What it has that could.
    """

    type: str
    urns: tuple[str, ...]
    could_matter: bool
    why: str


class Shared(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Sharing that is meant, as it is declared.

    Args:
        from_: Whose principals may.
        to: Whose resources.
        actions: Which actions, with wildcards.
        resources: Which ARNs, with wildcards.
        reason: Why.
        expires: The last day on which it holds, as ``YYYY-MM-DD``.
        state: ``used``, ``unused`` or ``expired``.
    """

    from_: str
    to: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str
    expires: str
    state: str = "used"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer.

    Args:
        verdict: `LEAK` if any finding is one; else `UNKNOWN` if anything that matters is not known; else `PROVED`.
        tenants: The owners, by id.
        pairs: How many ordered pairs of tenants the verdict is about.
        seconds: How long it took.
        findings: What is wrong.
        unknown: What is not known.
        not_modelled: Types that are not modelled.
        shared: Sharing that is declared.
    """

    verdict: Verdict
    tenants: tuple[str, ...]
    pairs: int
    seconds: float
    findings: tuple[Finding, ...] = ()
    unknown: tuple[UnknownFact, ...] = ()
    not_modelled: tuple[NotModelledType, ...] = ()
    shared: tuple[Shared, ...] = ()


def verdict_of(
    findings: tuple[Finding, ...], unknown: tuple[UnknownFact, ...], not_modelled: tuple[NotModelledType, ...]
) -> Verdict:
    """The verdict that follows: one leak is a leak, and what might matter and is not known is never proven."""
    if any(one.verdict is Verdict.LEAK for one in findings):
        return Verdict.LEAK
    open_ = [*findings, *(one for one in unknown if one.matters), *(one for one in not_modelled if one.could_matter)]
    return Verdict.UNKNOWN if open_ else Verdict.PROVED
