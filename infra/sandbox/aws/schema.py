"""What the installed `pulumi-aws` SDK says about our resource types: properties, types, what is required.

Read off the SDK's own `…Args` and resource classes, once a version of the SDK and set of types, and kept as JSON, so
that starting the provider does not import `pulumi_aws` (which takes seconds).
"""

import hashlib
import importlib
import importlib.metadata
import inspect
import json
import os
import re
import sys
import tempfile
import types
import typing
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, cast

import platformdirs

Kind = Literal["string", "integer", "number", "boolean", "list", "map", "object", "json"]
"""The type of a property; `json` is a document that may be given as a string or as an object."""

PROVIDER = "pulumi:providers:aws"
"""The type token of the provider itself; its inputs are the configuration."""


class PropertySchema(TypedDict):
    """One property: in inputs, `required` means it must be given; in outputs, that AWS always fills it in."""

    kind: Kind
    required: NotRequired[bool]
    deprecated: NotRequired[bool]
    items: NotRequired["PropertySchema"]
    fields: NotRequired[dict[str, "PropertySchema"]]


class ResourceSchema(TypedDict):
    """A resource type's (or function's) properties by their Pulumi names."""

    inputs: dict[str, PropertySchema]
    outputs: dict[str, PropertySchema]


Schemas = dict[str, ResourceSchema]


def sdk_version() -> str:
    """Return the version of the installed `pulumi-aws` SDK, which is also the version that the provider claims."""
    return importlib.metadata.version("pulumi-aws")


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return where derived schemas are kept: in the Pulumi home if one is set, else in the user's cache."""
    home = environment.get("PULUMI_HOME")
    return Path(home) / "bulkhead-aws" if home else platformdirs.user_cache_path("bulkhead") / "aws-provider"


def load(tokens: Iterable[str], functions: Iterable[str], folder: Path) -> Schemas:
    """Return the schemas of resource types and functions, from the cache in `folder` or anew from the SDK."""
    wanted = sorted({*tokens, PROVIDER}), sorted(functions)
    source = hashlib.sha256(Path(__file__).read_bytes() + json.dumps(wanted).encode()).hexdigest()[:16]
    path = folder / f"schema-{sdk_version()}-{source}.json"
    try:
        return cast("Schemas", json.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError):
        schemas = derive(*wanted)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w") as file:
        json.dump(schemas, file)
    Path(draft).replace(path)
    return schemas


def derive(tokens: Iterable[str], functions: Iterable[str]) -> Schemas:
    """Read the schemas off the SDK's classes.

    Raises `LookupError` where the SDK has no such type.
    """
    schemas: Schemas = {}
    for token in tokens:
        module, name = ("", "Provider") if token == PROVIDER else _split(token)
        resource = _sdk(module, name)
        # Where a block of another resource has the name already, the SDK calls a resource's arguments "…InitArgs".
        args = getattr(sys.modules[resource.__module__], name + "InitArgs", None) or _sdk(module, name + "Args")
        schemas[token] = {"inputs": _fields(args), "outputs": _fields(resource, output=True, hidden=("id", "urn"))}
    for token in functions:
        module, name = _split(token)
        hints = inspect.signature(_sdk(module, _snake(name))).parameters
        inputs = {
            _camel(key): PropertySchema(kind=_function_kind(hint.annotation), required=hint.default is hint.empty)
            for key, hint in hints.items()
            if key != "opts"
        }
        schemas[token] = {"inputs": inputs, "outputs": {}}
    return schemas


def _split(token: str) -> tuple[str, str]:
    _, module, name = token.split(":")
    module = module.partition("/")[0]
    return "" if module == "index" else module, name


def _sdk(module: str, name: str) -> Any:
    found = importlib.import_module(f"pulumi_aws.{module}" if module else "pulumi_aws")
    try:
        return getattr(found, name)
    except AttributeError:
        raise LookupError(f"the SDK pulumi-aws {sdk_version()} has no {module}.{name}") from None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


@cache
def _names(cls: type) -> Mapping[str, Any]:
    # The SDK's annotations name these two without importing them.
    output = importlib.import_module("pulumi").Output
    return {**vars(sys.modules[cls.__module__]), "Output": output, "T": type(None)}


def _fields(cls: type, *, output: bool = False, hidden: tuple[str, ...] = ()) -> dict[str, PropertySchema]:
    fields: dict[str, PropertySchema] = {}
    parameters = inspect.signature(cls).parameters
    for name, member in inspect.getmembers(cls, lambda member: isinstance(member, property)):
        getter: Any = member.fget
        pulumi_name = getattr(getter, "_pulumi_name", None)
        if pulumi_name is None or pulumi_name in hidden:
            continue
        plain = getattr(getter, "_pulumi_deprecated_callable", getter)
        hint = typing.get_type_hints(plain, globalns=dict(_names(cls))).get("return")
        found = _schema_of(hint, output=output)
        required = not _optional(hint) if output else parameters[name].default is inspect.Parameter.empty
        if required:
            found["required"] = True
        if plain is not getter:
            found["deprecated"] = True
        fields[pulumi_name] = found
    return fields


def _members(hint: Any) -> list[Any]:
    """Flatten unions, awaitables and outputs down to the plain types that they carry."""
    origin: Any = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return [member for arg in typing.get_args(hint) for member in _members(arg)]
    if origin is Awaitable or isinstance(hint, str | typing.ForwardRef):
        return []
    if getattr(origin, "__name__", "") == "Output":
        return _members(typing.get_args(hint)[0])
    return [hint]


def _optional(hint: Any) -> bool:
    return type(None) in _members(hint)


def _schema_of(hint: Any, *, output: bool) -> PropertySchema:
    plain = [
        member
        for member in _members(hint)
        if member is not type(None)
        and not typing.is_typeddict(member)
        and not (inspect.isclass(member) and issubclass(member, Enum))
        and member is not getattr(importlib.import_module("pulumi"), "Output", None)
    ]
    scalars: dict[Any, Kind] = {str: "string", bool: "boolean", int: "integer", float: "number"}
    if str in plain and any(inspect.isclass(member) and member not in scalars for member in plain):
        return {"kind": "json"}
    for member in plain:
        origin = typing.get_origin(member)
        if member in scalars:
            return {"kind": scalars[member]}
        if origin is Sequence or origin is list:
            return {"kind": "list", "items": _schema_of(typing.get_args(member)[0], output=output)}
        if origin is Mapping or origin is dict:
            return {"kind": "map", "items": _schema_of(typing.get_args(member)[1], output=output)}
        if inspect.isclass(member):
            return {"kind": "object", "fields": _nested(member, output=output)}
    raise LookupError(f"cannot read the type {hint}")


@cache
def _nested(cls: type, *, output: bool) -> dict[str, PropertySchema]:
    return _fields(cls, output=output)


def _function_kind(annotation: Any) -> Kind:
    text = str(annotation)
    kinds: list[tuple[str, Kind]] = [("Mapping", "map"), ("Sequence", "list"), ("bool", "boolean"), ("int", "integer")]
    for word, kind in kinds:
        if word in text:
            return kind
    return "string"
