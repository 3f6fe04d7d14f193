"""The base of every error that is shown to a user: what is wrong, where, and what to do about it."""

from __future__ import annotations


class UserError(Exception):
    """A mistake or a condition that the user can act on; it is shown without a stack trace.

    Args:
        message: What is wrong, in one sentence that names the thing and the value.
        remedy: What to do about it.
        where: The file, key or place that it is about.
    """

    def __init__(self, message: str, remedy: str = "", where: str = "") -> None:
        super().__init__(message, remedy, where)
        self.message = message
        self.remedy = remedy
        self.where = where

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}\n  remedy: {self.remedy}" if self.remedy else text
