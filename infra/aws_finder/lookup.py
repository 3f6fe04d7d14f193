"""The vocabulary of the finder's table: how one resource is looked up at AWS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import boto3
from botocore.exceptions import ClientError

Inputs = Mapping[str, Any]

_ABSENT_CODE = re.compile(r"NotFound|NoSuch|^404$")
#: Codes that say that a request is bad; only their message says that it is for want of the resource.
_VAGUE_CODE = re.compile(r"Validation|BadRequest")
_ABSENT_MESSAGE = re.compile(r"could not find|cannot find|does not exist|not owned by the current", re.IGNORECASE)


@dataclass
class Aws:
    """One boto3 client a service, and who and where we are."""

    session: boto3.Session
    endpoint_url: str | None
    _clients: dict[str, Any] = field(default_factory=dict[str, Any])

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        """The answers to a read; none where AWS says that there is no such thing."""
        client = self._client(service)
        try:
            if client.can_paginate(operation):
                yield from client.get_paginator(operation).paginate(**parameters)
            else:
                yield getattr(client, operation)(**parameters)
        except ClientError as error:
            if not _says_absent(error):
                raise

    def items(self, service: str, operation: str, at: str, **parameters: Any) -> list[Mapping[str, Any]]:
        """The items of the list `at` of all pages."""
        return [item for page in self.pages(service, operation, **parameters) for item in page.get(at, [])]

    @cached_property
    def account(self) -> str:
        """The account of the credentials."""
        return str(self._client("sts").get_caller_identity()["Account"])

    @property
    def region(self) -> str:
        """The session's Region."""
        return str(self.session.region_name)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            make = cast("Callable[..., Any]", self.session.client)
            self._clients[service] = make(service, endpoint_url=self.endpoint_url)
        return self._clients[service]


Lookup = Callable[[Aws, Inputs], "str | None"]


def named(
    service: str,
    operation: str,
    id: str,  # noqa: A002 - the engine's word for it
    *,
    has: str = "",
    among: tuple[str, str, str] | None = None,
    **parameters: str | list[str],
) -> Lookup:
    """A resource that is read by its name.

    Args:
        service: boto3's name of the service.
        operation: The read.
        id: The template of the id.
        has: A member that the answer must have, where the read succeeds without the resource too.
        among: A list in the answer, a member of its items, and the template of the value that one must have.
        **parameters: Templates of the request's members. A template's fields are the resource's inputs, and
            ``account`` and ``region``.
    """

    def find(aws: Aws, inputs: Inputs) -> str | None:
        fill = _Filler(aws, inputs)
        request = {
            name: [fill(v) for v in value] if isinstance(value, list) else fill(value)
            for name, value in parameters.items()
        }
        for page in aws.pages(service, operation, **request):
            if has and not page.get(has):
                continue
            if among and not any(item[among[1]] == fill(among[2]) for item in page[among[0]]):
                continue
            return fill(id)
        return None

    return find


def tagged(
    operation: str,
    at: str,
    id: str,  # noqa: A002
    *,
    within: tuple[str, str],
    filters: str = "Filters",
) -> Lookup:
    """An EC2 resource that is found by its ``Name`` tag, which is unique among ours in one network.

    In the middle of a move a tenant has two networks, whose parts have the same names.

    Args:
        operation: The EC2 read.
        at: The list in its answer.
        id: The member of its items that is the id.
        within: The member of its items and the input that say which network it is of.
        filters: What the operation calls its filters.
    """
    member, of = within

    def find(aws: Aws, inputs: Inputs) -> str | None:
        name = name_tag(inputs)
        items = aws.items("ec2", operation, at, **{filters: [{"Name": "tag:Name", "Values": [name]}]})
        there = [item for item in items if not _is_going(item) and item[member] == inputs.get(of)]
        return only([str(item[id]) for item in there], f"{at} named {name}")

    return find


def name_tag(inputs: Inputs) -> str:
    """The resource's ``Name`` tag.

    Raises:
        LookupError: it has none.
    """
    name = cast("Mapping[str, str]", inputs.get("tags") or {}).get("Name")
    if name is None:
        raise LookupError("the resource has no Name tag to find it by")
    return name


def only(ids: list[str], what: str) -> str | None:
    """The only id, or None.

    Raises:
        LookupError: there are several.
    """
    if len(ids) > 1:
        raise LookupError(f"there are {len(ids)} {what}: {', '.join(sorted(ids))}")
    return ids[0] if ids else None


def _is_going(item: Mapping[str, Any]) -> bool:
    """Whether EC2 still lists something that is being deleted."""
    return str(item.get("State", "")).lower() in ("deleting", "deleted")


def _says_absent(error: ClientError) -> bool:
    answer = error.response.get("Error", {})
    code, message = answer.get("Code", ""), answer.get("Message", "")
    return bool(_ABSENT_CODE.search(code)) or bool(_VAGUE_CODE.search(code) and _ABSENT_MESSAGE.search(message))


class _Filler:
    """Fills templates with a resource's inputs, the account and the Region."""

    def __init__(self, aws: Aws, inputs: Inputs) -> None:
        self._aws = aws
        self._inputs = inputs

    def __call__(self, template: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: self._value(match[1]), template)

    def each(self, templates: str | list[str]) -> str | list[str]:
        """One template filled, or each of several."""
        return [self(template) for template in templates] if isinstance(templates, list) else self(templates)

    def _value(self, name: str) -> str:
        if name == "account":
            return self._aws.account
        if name == "region":
            return self._aws.region
        value = self._inputs.get(name)
        if value is None:
            raise LookupError(f"the resource has no {name} to find it by")
        return str(value)
