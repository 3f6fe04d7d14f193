"""Whether a statement's Resource or NotResource is about the resource of a request.

Source: IAM User Guide, "IAM JSON policy elements: Resource" and "IAM JSON policy elements: NotResource".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.answer import Answer, Open, Undefined, negative, positive
from infra.evaluator.facts import Facts, Test
from infra.evaluator.glob import Matcher, Pattern, Template, Wildcard, any_matcher, matcher, may_cross_segments

#: In Resource it matches no resource; whether NotResource then leaves anything out is open.
#: Source: IAM User Guide, "IAM policy elements: Variables and tags", Policy variables with no value.
_UNRESOLVED = Undefined("a policy variable has no value in this request")
_SEGMENTS = Open("a wildcard that does not end a segment of an ARN would have to match a colon")
_TYPE = Open("a wildcard where an ARN names the service or the type of the resource is documented as invalid")


def compile_resources(texts: Sequence[str], *, variables: bool, negate: bool) -> Test:
    """Make a function that tells whether a request's resource is, or with ``negate`` is not, among a list's.

    ``negate`` negates the whole list: the resource matches none of its entries.
    """
    plain, others = _read(texts, variables=variables)
    judge = negative if negate else positive

    def matches(facts: Facts) -> Answer:
        resource = facts.resource
        if plain(resource):
            return not negate
        return judge(_any(others, facts)) if others else negate

    return matches


class _Pattern:
    """A pattern with more than one reading, or with variables."""

    __slots__ = ("_open_type", "_template")

    def __init__(self, template: Template, text: str) -> None:
        self._template = template
        self._open_type = _has_open_type(text)

    def matches(self, facts: Facts) -> bool | Open | Undefined:
        pattern = self._template.resolve(facts.text)
        return _UNRESOLVED if pattern is None else _matcher(pattern, self._open_type)(facts.resource)


@lru_cache(maxsize=4096)
def _matcher(pattern: Pattern, open_type: bool) -> Callable[[str], bool | Open]:
    widely = matcher(pattern)
    if open_type:
        return lambda resource: _TYPE if widely(resource) else False
    if not may_cross_segments(pattern):
        return widely
    narrowly = matcher(pattern, within_segments=True)
    colons = sum(token.count(":") for token in pattern if isinstance(token, str))
    # with no more colons in the ARN than the pattern writes itself, no wildcard can have matched one
    return lambda resource: widely(resource) and (resource.count(":") == colons or narrowly(resource) or _SEGMENTS)


def _any(patterns: Sequence[_Pattern], facts: Facts) -> bool | Open | Undefined:
    answer: bool | Open | Undefined = False
    for pattern in patterns:
        found = pattern.matches(facts)
        if found is True:
            return True
        if found is not False and not isinstance(answer, Open):
            answer = found
    return answer


def _read(texts: Sequence[str], *, variables: bool) -> tuple[Matcher, list[_Pattern]]:
    """What matches for certain whatever the request, and the patterns that must be looked at one by one."""
    plain: list[Pattern] = []
    others: list[_Pattern] = []
    for text in texts:
        template = Template.parse(text, variables=variables)
        pattern = None if template.variables else template.resolve(lambda _: None)
        if pattern is None or may_cross_segments(pattern) or _has_open_type(text):
            others.append(_Pattern(template, text))
        else:
            plain.append(pattern)
    return any_matcher(plain), others


def _has_open_type(text: str) -> bool:
    """Whether a wildcard stands where an ARN names the service or the type of the resource."""
    parts = text.split(":", 5)
    if len(parts) < 6:
        return len(parts) > 2 and _wild(parts[2])
    name = parts[5]
    kind = name.partition("/")[0].partition(":")[0]
    return _wild(parts[2]) or (name != Wildcard.MANY.value and _wild(kind) and _types_are_named(parts[2]))


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


@lru_cache(maxsize=512)
def _types_are_named(service: str) -> bool:
    """Whether every ARN of a service names the type of the resource, as S3's for buckets and objects do not."""
    own = [one for one in catalogue.resource_types(service) if one.template.split(":")[2] == service]
    return bool(own) and not any(one.template.split(":", 5)[5].startswith("${") for one in own)
