"""What the provider says to its user when something is wrong."""

import difflib
from collections.abc import Iterable

from botocore.exceptions import BotoCoreError, ClientError


class ProviderError(Exception):
    """A message for the user: what failed, for which resource, and what to do."""


def describe(error: BotoCoreError | ClientError) -> str:
    """Return AWS's own code and message, as "Code: message", with the operation."""
    if isinstance(error, ClientError):
        detail = error.response.get("Error", {})
        return f"{detail.get('Code', 'Unknown')}: {detail.get('Message', '')} (operation {error.operation_name})"
    return f"{type(error).__name__}: {error}"


def code(error: ClientError) -> str:
    """Return AWS's error code."""
    return error.response.get("Error", {}).get("Code", "")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that is nearest to an unknown one, or at all of them if there are few."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(names)}" if len(names) <= 30 else "see its documentation"
