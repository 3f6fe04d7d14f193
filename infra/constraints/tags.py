"""How many tags a resource may have, and what may be in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Finding, Rule

MAX_TAGS = 50
_KEY = re.compile(r"[\w\s.:/=+\-@]{1,128}")
_VALUE = re.compile(r"[\w\s.:/=+\-@]{0,256}")


def _tags(resource: PlannedResource) -> Iterator[Finding]:
    """Source: AWS Tagging Resources User Guide, "Tag naming limits and requirements"."""
    value: Any = resource.properties.get("tags")
    if not isinstance(value, Mapping):
        return
    tags = cast("Mapping[str, Any]", value)
    if len(tags) > MAX_TAGS:
        yield Finding(property="tags", message=f"{len(tags)} tags, and AWS takes {MAX_TAGS}", remedy="remove some")
    for key, content in tags.items():
        if key.lower().startswith("aws:"):
            yield Finding(property=f"tags.{key}", message="AWS keeps tags that start with aws: for itself")
        elif not _KEY.fullmatch(key):
            yield Finding(property=f"tags.{key}", message="not 1 to 128 letters, digits, spaces or _.:/=+-@")
        if isinstance(content, str) and not _VALUE.fullmatch(content):
            message = f"{content!r} is not at most 256 letters, digits, spaces or _.:/=+-@"
            yield Finding(property=f"tags.{key}", message=message)


RULES = (
    Rule(
        id="tags",
        title="A resource has at most 50 tags, of AWS's characters, and none that starts with aws:.",
        types=frozenset(),
        source="AWS Tagging Resources User Guide, Tag naming limits and requirements",
        remedy="change the spec's tags",
        check=_tags,
    ),
)
