"""A spec's own tags: not those that the blueprint writes itself, and within AWS's limit with them.

Source: AWS Tagging Resources User Guide, "Tag naming limits and requirements" (50 tags a resource).
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.spec.common import OWN_TAGS
from infra.spec.draft import Draft, Loaded
from infra.spec.errors import SpecProblem
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

MAX_TAGS = 50


def own_tags(draft: Draft) -> Iterator[SpecProblem]:
    """Tags that the blueprint would replace, and too many tags."""
    yield from _tags(draft.platform)
    for tenant in draft.tenants:
        yield from _tags(tenant)


def _tags(loaded: Loaded[PlatformSpec] | Loaded[TenantSpec]) -> Iterator[SpecProblem]:
    free = MAX_TAGS - len(OWN_TAGS)
    if len(loaded.spec.tags) > free:
        yield loaded.problem(
            "tags",
            message=f"{len(loaded.spec.tags)} tags: AWS takes {MAX_TAGS}, of which {len(OWN_TAGS)} are the blueprint's",
            remedy=f"remove {len(loaded.spec.tags) - free} of them",
        )
    for key in loaded.spec.tags:
        if key.casefold() in {own.casefold() for own in OWN_TAGS}:
            yield loaded.problem(
                "tags",
                key,
                message="the blueprint writes this tag itself, from the spec's other keys",
                remedy="remove it, or choose another key",
            )
