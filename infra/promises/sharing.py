"""What the platform's specification declares as shared on purpose, as the proof takes it."""

from __future__ import annotations

from infra.proof.theorem.inputs import Sharing
from infra.spec.platform import PlatformSpec


def declared_sharing(platform: PlatformSpec) -> tuple[Sharing, ...]:
    """The declarations of a platform's specification.

    Args:
        platform: The platform.
    """
    return tuple(
        Sharing(
            from_=one.from_,
            to=one.to,
            actions=one.actions,
            resources=one.resources,
            reason=one.reason,
            expires=one.expires,
        )
        for one in platform.sharing
    )
