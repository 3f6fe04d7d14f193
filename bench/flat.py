"""The limit that components are measured against: a bare program that registers a tenant's resources flat.

It is generated from the exported state of a real tenant stack: the same types, names and inputs, with values that come
from other resources written as references, as a person would write them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

_HEAD = '''"""Generated: one tenant's resources, registered flat."""

import pulumi
from pulumi_aws import {modules}
from pulumi_aws import Provider

OPTS = pulumi.ResourceOptions(provider=Provider("aws", **{provider}))
'''

_PROVIDER = frozenset({"region", "allowedAccountIds", "assumeRoles", "defaultTags"})
#: What a resource is referred to by, in the order in which a value is looked for.
_ATTRIBUTES = ("arn", "id", "name", "bucket", "url", "prefixListId", "repositoryUrl")


def generate(deployment: Mapping[str, Any], program: Path) -> list[str]:
    """Write the program's ``__main__.py``.

    Args:
        deployment: The ``deployment`` of ``pulumi stack export``.
        program: The file to write.

    Returns:
        The modules of the SDK that it imports.
    """
    resources = [resource for resource in deployment["resources"] if resource.get("custom")]
    made = [resource for resource in resources if resource["type"].startswith("aws:")]
    provider = next(resource for resource in resources if resource["type"] == "pulumi:providers:aws")
    variables = {resource["urn"]: f"r{number}" for number, resource in enumerate(made)}
    by_urn = {resource["urn"]: resource for resource in made}
    modules = sorted({_module(resource) for resource in made})
    lines = [_HEAD.format(modules=", ".join(modules), provider=json.dumps(_provider_inputs(provider["inputs"])))]
    for resource in made:
        arguments = ", ".join(_arguments(resource, variables, by_urn))
        cls = f"{_module(resource)}.{resource['type'].rsplit(':', 1)[1]}"
        lines.append(
            f"{variables[resource['urn']]} = {cls}({resource['urn'].rsplit('::', 1)[1]!r}, opts=OPTS, {arguments})"
        )
    program.write_text("\n".join(lines) + "\n")
    return modules


def _module(resource: Mapping[str, Any]) -> str:
    return resource["type"].split(":")[1].split("/")[0]


def _provider_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A provider's inputs are stored as JSON texts."""
    plain = {key: value for key, value in inputs.items() if key in _PROVIDER}
    return {_snake(key): json.loads(value) if value[:1] in "[{" else value for key, value in plain.items()}


def _arguments(
    resource: Mapping[str, Any], variables: Mapping[str, str], by_urn: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    sources = [by_urn[urn] for urn in resource.get("dependencies") or () if urn in by_urn]
    references = _references(sources, variables)
    inputs: dict[str, Any] = resource["inputs"]
    for key, value in inputs.items():
        if not key.startswith("__") and key != "tagsAll":
            yield f"{_snake(key)}={_expression(value, references)}"


def _references(sources: Sequence[Mapping[str, Any]], variables: Mapping[str, str]) -> dict[str, str]:
    """Values of other resources, longest first, with the expressions that stand for them."""
    found: dict[str, str] = {}
    for source in sources:
        outputs = {**source.get("outputs", {}), "id": source["id"]}
        for attribute in _ATTRIBUTES:
            value = outputs.get(attribute)
            if isinstance(value, str) and len(value) > 3:
                found.setdefault(value, f"{variables[source['urn']]}.{_snake(attribute)}")
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def _expression(value: Any, references: Mapping[str, str]) -> str:
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{key!r}: {_expression(item, references)}" for key, item in entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_expression(item, references) for item in cast("list[Any]", value)) + "]"
    if isinstance(value, str):
        return _text(value, references)
    return repr(value)


def _text(value: str, references: Mapping[str, str]) -> str:
    for known, expression in references.items():
        if value == known:
            return expression
        if known in value:
            before, after = value.split(known, 1)
            return f"pulumi.Output.concat({before!r}, {expression}, {_text(after, references)})"
    return repr(value)


def _snake(name: str) -> str:
    """A property's name in Python, as the SDK's generator forms it for the names that occur here."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
