"""The intermediate representation of a policy: what was written, in one shape, before anybody evaluates it.

Texts are kept as written, with wildcards and policy variables in them: ``glob`` reads those.
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.evaluator.kinds import Effect, PolicyKind

#: The version in which `${...}` is a policy variable.
VARIABLES_SINCE = "2012-10-17"


@dataclass(frozen=True, slots=True)
class PrincipalName:
    """One entry of a Principal or NotPrincipal element.

    Args:
        type: ``AWS``, ``Service``, ``Federated`` or ``CanonicalUser``.
        value: An ARN, an account id, a service's or provider's name, a canonical id, or ``*``.
    """

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator applied to one key; all conditions of a statement must hold.

    Args:
        operator: The operator as written, with its quantifier and ``IfExists``: ``ForAnyValue:StringLikeIfExists``.
        key: The context key, in lower case: AWS ignores the case of keys.
        values: The values as text, of which one must match.
    """

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Of each pair of elements at most one is given; None stands for an absent element.

    Args:
        index: Its place in the document, from 0.
        sid: Its Sid, if it has one.
        effect: Allow or Deny.
        principals: Who it is about. ``Principal: "*"`` is ``(PrincipalName("AWS", "*"),)``.
        not_principals: Who it is not about.
        actions: Globs of actions, in lower case: AWS ignores the case of actions.
        not_actions: Globs of the actions that it is not about.
        resources: Globs of ARNs.
        not_resources: Globs of the ARNs that it is not about.
        conditions: What must hold of the request, each of them.
    """

    index: int
    sid: str | None
    effect: Effect
    principals: tuple[PrincipalName, ...] | None = None
    not_principals: tuple[PrincipalName, ...] | None = None
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Policy:
    """One policy document of a kind.

    Two policies are equal if they are the same object: what is compiled from one is kept beside it.

    Args:
        version: ``2012-10-17``, or ``2008-10-17`` where variables are plain text.
        statements: Its statements in order.
        kind: Where it is attached.
        label: How verdicts call it: ``identity[0]``, or the policy's name.
    """

    version: str
    statements: tuple[Statement, ...]
    kind: PolicyKind
    label: str

    @property
    def has_variables(self) -> bool:
        """Whether `${...}` in its texts is a policy variable."""
        return self.version == VARIABLES_SINCE
