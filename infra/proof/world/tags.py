"""The tags that a request on a resource tells of it, which depends on the action: not every request tells them.

Source: Service Authorization Reference, Condition keys of the resource types; Amazon S3 User Guide, "Using tags for
attribute-based access control (ABAC) in S3 general purpose buckets" (off unless it is turned on).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.evaluator.catalogue import Action, ResourceType
from infra.evaluator.request import ContextValue
from infra.proof.facts import Family, Resource

#: What comes before the name of a tag, in lower case: ``aws:ResourceTag/``, ``iam:ResourceTag/``.
_RESOURCE_TAG = ":resourcetag/"
_OF_BUCKETS = "s3:buckettag/"
_TAG_OF_TYPE = "aws:resourcetag/${tagkey}"
#: What is in a resource and has tags of its own, which nothing tells.
_OWN_TAGS = frozenset({("sagemaker", "model-package"), ("lambda", "function alias"), ("ecs", "service")})

Fixed = Mapping[str, ContextValue]


def tag_keys(keys: frozenset[str]) -> frozenset[str]:
    """Those of some context keys, in lower case, that tell tags of the resource."""
    return frozenset(key for key in keys if _RESOURCE_TAG in key or key.startswith(_OF_BUCKETS))


def tags_told(
    resource: Resource, family: Family, action: Action, kind: ResourceType | None, keys: frozenset[str], *, known: bool
) -> Iterator[Fixed | None]:
    """What requests with an action may tell of the resource's tags: each possibility; None where anything is possible.

    Args:
        resource: The resource.
        family: The resource itself, or what is in it.
        action: The action.
        kind: The type that the resource is to the action.
        keys: The context keys that tell tags and that some policy mentions, in lower case.
        known: Whether the resource's tags are known.
    """
    none: Fixed = dict.fromkeys(keys)
    if kind is None or not known or (family.service, family.type) in _OWN_TAGS:
        yield None
        return
    tells = any(key.lower() == _TAG_OF_TYPE for key in kind.condition_keys)
    if tells and not _makes(action, kind):
        tags = {name.lower(): value for name, value in resource.tags.items()}
        yield {key: tags.get(key.partition("/")[2]) for key in keys}
    if not tells or family.service == "s3" or _makes(action, kind):
        yield none


def _makes(action: Action, kind: ResourceType) -> bool:
    """Whether the action makes such a resource, so that there may be none that has tags."""
    made = action.name.removeprefix("Create")
    return made != action.name and made.lower() == kind.name.replace("-", "").replace(" ", "").lower()
