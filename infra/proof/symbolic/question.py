"""What is asked: one principal, one family of resources, the actions, and what of the context is fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.evaluator.facts import Facts
from infra.evaluator.glob import Pattern, Template, glob
from infra.evaluator.policies import Applicable
from infra.evaluator.request import Caller, ContextValue, Request

#: What AWS itself says of a caller and of the owner of a resource: nobody chooses it.
#: Source: IAM User Guide, "AWS global condition context keys".
_GIVEN = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principaltype",
        "aws:resourceaccount",
        "aws:username",
    }
)
_TAG = "aws:principaltag/"


@dataclass(frozen=True, slots=True)
class Family:
    """Resources that have one form and one owner; made by `like` or `exactly`.

    Args:
        pattern: What their ARNs match; ``*`` and ``?`` stand for any character, colons among them.
        account: The account that owns them.
    """

    pattern: Pattern
    account: str

    @classmethod
    def like(cls, text: str, account: str) -> Family:
        """All resources whose ARN matches a text with wildcards: ``arn:aws:s3:::acme-data/?*``."""
        return cls(Template.parse(text, variables=False).resolve(lambda _: None) or (), account)

    @classmethod
    def exactly(cls, arn: str, account: str) -> Family:
        """One resource; ``*`` for actions that work on none."""
        return cls((arn,), account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether any request of a caller on a family of resources is allowed.

    Args:
        caller: Who asks.
        family: The resources.
        actions: The actions, ``service:Action``: those of the catalogue for the type of the resources.
        policies: Everything that applies to every request on the family.
        fixed: The context keys that the caller cannot choose, in any case, with their values; None for a key that no
            request has: the tags of the principal and of the resource, its organisation, the endpoint that every
            request comes through. Every key that is not fixed is free, whether AWS sends it with an action or not, so
            that a key that is left out can make a leak of what is none, and never the reverse.
        choosable_tags: Globs of the names of the principal's tags that the caller can choose, as who may call
            ``sts:TagSession`` can. The principal has no other tags than these and those in ``fixed``.
    """

    caller: Caller
    family: Family
    actions: tuple[str, ...]
    policies: Applicable
    fixed: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue])
    choosable_tags: tuple[str, ...] = ()

    def facts(self, action: str, resource: str, context: Mapping[str, ContextValue]) -> Facts:
        """What statements are matched against for one request of this question."""
        return Facts(self.request(action, resource, context), has_boundary=self.policies.boundary is not None)

    def request(self, action: str, resource: str, context: Mapping[str, ContextValue]) -> Request:
        """One request of this question.

        Args:
            action: One of its actions.
            resource: A resource of its family.
            context: The values of keys that are not fixed.
        """
        given = {key: value for key, value in self.fixed.items() if value is not None}
        chosen = {key: value for key, value in context.items() if value is not None}
        return Request(self.caller, action, resource, self.family.account, {**given, **chosen})

    def is_fixed(self, key: str) -> bool:
        """Whether the caller cannot choose the value of a key, given in lower case."""
        if key in _GIVEN or any(key == one.lower() for one in self.fixed):
            return True
        if not key.startswith(_TAG):
            return False
        name = key.removeprefix(_TAG)
        return not any(glob(one.lower())(name) for one in self.choosable_tags)
