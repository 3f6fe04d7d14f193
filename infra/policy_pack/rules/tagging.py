"""Tags that everything has which can have tags: cost, ownership and the proof are read from them.

Which types can have tags, the provider says: it computes ``tagsAll`` for those.
Sources: AWS Tagging Resources User Guide, "Tagging best practices"; Pulumi Registry, "AWS Classic", "Default tags".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule

#: The tag that says whose a resource is comes first: what `infra.proof` judges rests on it.
_REQUIRED = ("tenant", "cost-center", "managed-by")


def _tagged(stack: Sequence[StackResource], expected: Expectations) -> Iterator[tuple[StackResource, Finding]]:
    required = cast("Sequence[str]", expected.settings.get("required", _REQUIRED))
    for resource in stack:
        tags: Any = resource.properties.get("tagsAll")
        if not isinstance(tags, Mapping):
            continue
        known = cast("Mapping[str, Any]", tags)
        missing = [key for key in required if known.get(key) in (None, "")]
        if missing:
            yield resource, Finding(property="tagsAll", message=f"there is no tag {', '.join(missing)}")
        owner = known.get("tenant")
        if expected.owner and isinstance(owner, str) and owner not in ("", expected.owner):
            message = f"tenant is {owner!r} in the stack of {expected.owner}"
            yield resource, Finding(property="tagsAll.tenant", message=message, remedy=f"write {expected.owner}")


RULES = (
    Rule(
        id="required-tags",
        title="Everything says whose it is and who pays for it.",
        source="AWS Tagging Resources User Guide, Tagging best practices",
        remedy="add the tags, best as defaultTags of the provider",
        stack=_tagged,
        schema={
            "required": {
                "type": "array",
                "items": {"type": "string", "minLength": 1, "maxLength": 128},
                "default": list(_REQUIRED),
                "description": "The keys of the tags.",
            }
        },
    ),
)
