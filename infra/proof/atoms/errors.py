"""Why a variable of a request has no finite set of atoms."""

from __future__ import annotations


class NotModelled(Exception):
    """What policies compare cannot be told apart by a bounded number of values.

    Args:
        why: The reason as a clause that names what is compared.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
