"""The vocabulary of the table of kinds: how things of one kind are listed, whose they are, and how they are removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

#: What AWS answers of one thing.
Fields = Mapping[str, Any]
#: A request's members; ``{Name}`` in a text stands for the thing's field of that name.
Request = Mapping[str, Any]

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Detail:
    """A further read of each listed thing.

    Args:
        operation: boto3's name of the read.
        request: The request.
        at: The dotted path of what it tells, in the answer.
        into: The field that it becomes; empty where the answer's members become fields of the thing.
    """

    operation: str
    request: Request
    at: str
    into: str = ""


@dataclass(frozen=True)
class Step:
    """One call of a removal.

    Args:
        operation: boto3's name of it.
        request: The request.
        when: Whether a thing with such fields needs it.
        ends: Whether the thing is gone, or its end fixed, when AWS has answered.
    """

    operation: str
    request: Request
    when: Callable[[Fields], bool] = lambda _: True
    ends: bool = True


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How things of one kind are found and removed.

    Args:
        name: What it is called: ``sagemaker:endpoint``.
        service: boto3's name of the service.
        lists: boto3's name of the operation that lists them.
        at: The dotted path of the list in its answer.
        id: What tells it from others, as a template over its fields.
        arn: Its ARN, as such a template; empty where it has none.
        request: Of the listing; where the kind is part of another, over that one's fields.
        names: Its names.
        within: The kind that contains it: what is in a tenant's is the tenant's.
        details: What is read of each besides.
        tags: The field with its tags.
        refers: The fields with the ARNs or ids of keys.
        skips: Whether it does not count: it is AWS's own, or gone.
        removal: The calls that remove it; none where nothing does.
        expires: Why it ends without being removed, by its fields; empty where it does not.
        served: Whether the embedded cloud has this service's operation; where not, nobody can make such a thing there.
    """

    name: str
    service: str
    lists: str
    at: str
    id: str
    arn: str = ""
    request: Request = field(default_factory=dict[str, Any])
    names: Callable[[Fields], Iterable[str]] | None = None
    within: str = ""
    details: tuple[Detail, ...] = ()
    tags: str = ""
    refers: tuple[str, ...] = ()
    skips: Callable[[Fields], bool] = lambda _: False
    removal: tuple[Step, ...] = ()
    expires: Callable[[Fields], str] = lambda _: ""
    served: bool = True


def filled(template: Any, fields: Fields) -> Any:
    """A template with the fields in the places of their names; a lone name stands for the field itself, number or text.

    Args:
        template: A text, or lists and mappings of texts.
        fields: What stands for the names.

    Raises:
        KeyError: There is no such field.
    """
    if isinstance(template, str):
        if whole := _FIELD.fullmatch(template):
            return fields[whole[1]]
        return _FIELD.sub(lambda found: str(fields[found[1]]), template)
    if isinstance(template, Mapping):
        return {name: filled(each, fields) for name, each in cast("Mapping[str, Any]", template).items()}
    if isinstance(template, list | tuple):
        return [filled(each, fields) for each in cast("Iterable[Any]", template)]
    return template


def at(answer: Any, path: str) -> Any:
    """What is at a dotted path of an answer; None where it has no such member."""
    for name in path.split("."):
        answer = cast("Mapping[str, Any]", answer).get(name) if isinstance(answer, Mapping) else None
    return answer


def same(*names: str, **others: str) -> dict[str, str]:
    """A request whose members are the fields of the same names, or of the others' names."""
    return {name: f"{{{name}}}" for name in names} | {name: f"{{{of}}}" for name, of in others.items()}
