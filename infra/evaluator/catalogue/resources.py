"""Types of resources: the form of their ARNs, and which type an ARN is of.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services", Resource types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from infra.evaluator.catalogue import data

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_VARIABLE_TEXT = re.compile(r"\$\{\w+\}")
_HEAD: Mapping[str, str] = {"Partition": "[a-z0-9-]+", "Region": "[a-z0-9-]*", "Account": "[0-9]{12}|aws|"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A type of resource of a service.

    Attributes:
        service: The prefix of the service whose actions work on it, for example ``sts`` for a role that is assumed.
        name: The type's name, for example ``training-job``.
        template: Its ARN with variables as `string.Template` takes them, for example
            ``arn:${Partition}:s3:::${BucketName}/${ObjectName}``.
        condition_keys: The keys that a request on it may have, as AWS writes them.
    """

    service: str
    name: str
    template: str
    condition_keys: frozenset[str]
    _pieces: tuple[str, ...] = field(repr=False, compare=False)

    def parts(self, arn: str) -> Mapping[str, str] | None:
        """The values of the template's variables in an ARN, such as ``BucketName``; None where it has another form.

        The last variable may contain ``/`` and ``:``, as the keys of objects and the paths of roles do.
        """
        # Most types are told apart by a word, and their patterns never needed.
        if not all(piece in arn for piece in self._pieces):
            return None
        found = _compiled(self.template, wide=True).fullmatch(arn)
        return None if found is None else found.groupdict()

    @property
    def literal_length(self) -> int:
        """How many characters of the template are not variables: of two types that fit an ARN, the longer is meant."""
        return len(_VARIABLE.sub("", self.template))

    def fits_narrowly(self, arn: str) -> bool:
        """Whether the ARN has the template's form with no ``/`` or ``:`` in any variable."""
        return _compiled(self.template, wide=False).fullmatch(arn) is not None


def resource_types(service: str) -> tuple[ResourceType, ...]:
    """All types of resources that a service's actions work on; empty for a service that AWS does not have."""
    return tuple(_by_name(service.lower()).values())


def resource_type(service: str, name: str) -> ResourceType | None:
    """The type of that name, as the service's actions name it; None where the service has none."""
    return _by_name(service.lower()).get(name.lower())


def resource_types_of_arn(arn: str, service: str | None = None) -> tuple[ResourceType, ...]:
    """The types that a resource's ARN can be of: one, but for the few services whose types share a form.

    Args:
        arn: A whole ARN without wildcards.
        service: The service whose types to look through; that of the ARN where it is None. They differ where a service
            works on another's resources, as STS on IAM's roles.
    """
    of = service if service is not None else _service_of(arn)
    fitting = [one for one in resource_types(of) if one.parts(arn) is not None]
    narrow = [one for one in fitting if one.fits_narrowly(arn)]
    candidates = narrow or fitting
    longest = max((one.literal_length for one in candidates), default=0)
    return tuple(one for one in candidates if one.literal_length == longest)


def _service_of(arn: str) -> str:
    parts = arn.split(":", 3)
    return parts[2] if len(parts) > 3 else ""


@lru_cache(maxsize=512)
def _by_name(service: str) -> Mapping[str, ResourceType]:
    return {row["key"].lower(): _type(service, row) for row in data.rows("resourceTypes", service)}


def _type(service: str, row: Mapping[str, Any]) -> ResourceType:
    template = row["arn"]
    return ResourceType(
        service=service,
        name=row["key"],
        template=template,
        condition_keys=frozenset(row.get("conditionKeys", ())),
        _pieces=tuple(piece for text in _VARIABLE_TEXT.split(template) for piece in text.split("*") if piece),
    )


@lru_cache(maxsize=4096)
def _compiled(template: str, *, wide: bool) -> re.Pattern[str]:
    return re.compile("".join(_pattern(template, wide=wide)), re.DOTALL)


def _pattern(template: str, *, wide: bool) -> Iterator[str]:
    """A regular expression that splits an ARN in one way only, so that its time grows with the ARN's length."""
    seen: set[str] = set()
    end = 0
    for variable in _VARIABLE.finditer(template):
        yield _literal(template[end : variable.start()])
        end = variable.end()
        name = variable[1]
        value = _HEAD.get(name) or _value(template[end : end + 1], wide=wide)
        yield f"(?:{value})" if name in seen else f"(?P<{name}>{value})"
        seen.add(name)
    yield _literal(template[end:])


def _value(following: str, *, wide: bool) -> str:
    """What a variable may hold, by the character after it."""
    if not wide:
        return "[^/:]+"
    return {"": ".+", "/": "[^/]+", ":": "[^:]+"}.get(following, "[^/:]+")


def _literal(text: str) -> str:
    """The text itself; a star in a template stands for any value of its part."""
    return re.escape(text).replace(r"\*", "[^:]*")
