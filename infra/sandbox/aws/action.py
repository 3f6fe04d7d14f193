"""One operation on one resource, in progress: its properties, and the table's calls carried out for them."""

import string
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape

from infra.sandbox.aws.entry import Call, Read, Resource
from infra.sandbox.aws.errors import code, describe
from infra.sandbox.aws.schema import PropertySchema, ResourceSchema
from infra.sandbox.aws.session import Session
from infra.sandbox.aws.shapes import Translation, find_member, from_api, to_api
from infra.sandbox.aws.wire import Properties

PATIENCE = 120.0
"""Seconds for which a write is tried again while AWS says that something new is not known everywhere yet."""


@dataclass
class Action:
    """What a call or function of the table works with.

    Attributes:
        aws: the configured session.
        resource: the table's entry; `schema` its properties.
        props: the inputs to be written (create, update) or the last known state (read, delete).
        old: the state before an update; empty otherwise.
        id: the resource's id, "" until it is created.
        tagged: whether the creation wrote the tags already.
    """

    aws: Session
    resource: Resource
    schema: ResourceSchema
    props: Properties
    old: Properties = field(default_factory=dict[str, Any])
    id: str = ""
    tagged: bool = False

    @property
    def region(self) -> str:
        """The region that the resource is in."""
        return self.props.get("region") or self.old.get("region") or self.aws.region

    def api(self, operation: str, *, service: str = "", **members: Any) -> Any:
        """Call AWS; an error of eventual consistency that the entry names is waited out."""
        method = getattr(self.aws.client(service or self.resource.service, self.region), operation)
        deadline, pause = time.monotonic() + PATIENCE, 0.5
        while True:
            try:
                return method(**members)
            except ClientError as error:
                text = describe(error).lower()
                if time.monotonic() > deadline or not any(part.lower() in text for part in self.resource.retry):
                    raise
            time.sleep(pause)
            pause = min(pause * 2, 8)

    def gone(self, error: ClientError) -> bool:
        """Return whether AWS says that the resource does not exist."""
        message = error.response.get("Error", {}).get("Message", "")
        known = (each.partition(": ") for each in self.resource.missing)
        return any(code(error) == wanted and part in message for wanted, _, part in known)

    def fill(self, template: str) -> str:
        """Replace {property}, {id}, {account}, {region}, {partition} and {suffix} (of host names) in the template."""
        return string.Formatter().vformat(template, (), cast("Mapping[str, Any]", _Values(self)))

    def value(self, name: str) -> Any:
        """Return what the template field stands for."""
        match name:
            case "id":
                return self.id
            case "account":
                return self.aws.identity["Account"]
            case "region":
                return self.region
            case "partition":
                return self.aws.partition
            case "suffix":
                return "amazonaws.com.cn" if self.aws.partition == "aws-cn" else "amazonaws.com"
            case _:
                return self.props[name] if self.props.get(name) is not None else self.old.get(name, "")

    def call(self, call: Call, properties: Properties | None = None, **members: Any) -> Any:
        """Carry out a write with the properties (by default all) that the call carries, and further members."""
        request = self.request(call, self.props if properties is None else properties)
        return self.api(call.operation, **{**request, **members})

    def request(self, call: Call, properties: Properties) -> dict[str, Any]:
        """Return the call's whole request for the properties."""
        parameters = self.translate(call, properties).parameters
        for part in reversed(call.at.split(".") if call.at else []):
            parameters = {part: parameters}
        self._identify(self.aws.operation(self.resource.service, call.operation).input_shape, parameters, call.fixed)
        return call.adjust(parameters) if call.adjust else parameters

    def translate(self, call: Call, properties: Properties) -> Translation:
        """Return the properties that the call carries as API members, with what is wrong in them."""
        carried = {name: properties[name] for name in self.carries(call) if properties.get(name) is not None}
        target = descend(self.aws.operation(self.resource.service, call.operation).input_shape, call.at)
        return to_api(target, carried, {**self.resource.names, **call.names})

    def carries(self, call: Call) -> tuple[str, ...]:
        """Return the input properties that the call carries."""
        if call.properties is not None:
            return call.properties
        target = descend(self.aws.operation(self.resource.service, call.operation).input_shape, call.at)
        names = {**self.resource.names, **call.names}
        known = (name for name in self.schema["inputs"] if name not in ("tags", "region", *self.resource.local))
        return tuple(name for name in known if find_member(target, name, names))

    def read(self, read: Read) -> Properties | None:
        """Return the properties that the read answers, or None if what it reads does not exist."""
        members: dict[str, Any] = {}
        operation = self.aws.operation(self.resource.service, read.operation)
        self._identify(operation.input_shape, members, read.fixed)
        try:
            answer: Any = self._answer(read, members)
        except ClientError as error:
            if self.gone(error) or code(error) in read.absent:
                return None
            raise
        for part in read.at.split(".") if read.at else []:
            answer = answer.get(part)
            if isinstance(answer, list):
                answer = self._picked(cast("list[Any]", answer), read)
            if answer is None:
                return None
        if read.exists and not read.exists(answer):
            return None
        return {**self.taken(read, answer), **(read.also(answer) if read.also else {})}

    def taken(self, read: Read, answer: Mapping[str, Any]) -> Properties:
        """Return the properties in the structure that the read answered; None for those that it leaves out."""
        shape = descend(self.aws.operation(self.resource.service, read.operation).output_shape, read.at)
        names, outputs = {**self.resource.names, **read.names}, self.schema["outputs"]
        if read.into:
            fields: Mapping[str, PropertySchema] = outputs[read.into].get("fields", {})
            found = {key: value for key, value in from_api(shape, answer, fields, names).items() if value is not None}
            return {read.into: found or None}
        wanted = {name: outputs[name] for name in read.properties or outputs if name not in ("region", "tagsAll")}
        return from_api(shape, answer, wanted, names)

    def _answer(self, read: Read, members: Mapping[str, Any]) -> Any:
        client = self.aws.client(self.resource.service, self.region)
        if read.pick and client.can_paginate(read.operation):
            return client.get_paginator(read.operation).paginate(**members).build_full_result()
        return getattr(client, read.operation)(**members)

    def _picked(self, items: list[Any], read: Read) -> Any:
        if not read.pick:
            return items[0] if items else None
        member, wanted = read.pick[0], self.fill(read.pick[1])
        return next((item for item in items if str(item.get(member)) == wanted), None)

    def _identify(self, shape: Shape | None, members: dict[str, Any], fixed: Mapping[str, Any]) -> None:
        if not isinstance(shape, StructureShape):
            return
        identity = {key: value for key, value in self.resource.identity.items() if key in shape.members}
        for member, value in {**identity, **fixed}.items():
            if member not in members:
                filled = self._filled(value)
                if filled != "":
                    members[member] = filled

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, list):
            return [self._filled(item) for item in cast("list[Any]", value)]
        if isinstance(value, Mapping):
            return {key: self._filled(item) for key, item in cast("Mapping[str, Any]", value).items()}
        return value


class _Values(dict[str, Any]):
    def __init__(self, action: Action) -> None:
        super().__init__()
        self._action = action

    def __missing__(self, name: str) -> Any:
        return self._action.value(name)


def descend(shape: Shape | None, path: str) -> Shape:
    """Return the shape at the dotted path below a structure; lists are passed through to their items."""
    found = cast("Shape", shape)
    for part in path.split(".") if path else []:
        found = cast("StructureShape", found).members[part]
        if isinstance(found, ListShape):
            found = found.member
    return found
