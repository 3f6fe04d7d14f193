"""Which program of this repository stands for a container image."""

from __future__ import annotations

import re

PROGRAMS = {"serving-sklearn": "serving_containers.sklearn.server"}
"""Name of the platform's repository -> module whose `main(listener)` serves."""

_PLATFORM_IMAGE = re.compile(
    r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/bulkhead/[a-z0-9-]+/platform/([a-z0-9-]+)[:@]\S+"
)


class UnknownImage(Exception):
    """No program of this repository stands for the image."""


def program_of(image: str) -> str:
    """The module that serves in place of an image.

    Args:
        image: The URI of the image, with tag or digest.

    Raises:
        UnknownImage: It is not one of the platform's images.
    """
    found = _PLATFORM_IMAGE.fullmatch(image)
    program = PROGRAMS.get(found[1]) if found else None
    if program is None:
        known = ", ".join(
            f"<account>.dkr.ecr.<region>.amazonaws.com/bulkhead/<stage>/platform/{n}:<tag>" for n in PROGRAMS
        )
        raise UnknownImage(f"the sandbox cannot run the image {image!r}; it can run {known}")
    return program
