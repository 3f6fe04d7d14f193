"""How the engine asks whether a resource exists, without knowing any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Finder(Protocol):
    """Looks up resources by what a program wanted them to be."""

    def find(self, type: str, inputs: Mapping[str, Any]) -> str | None:  # noqa: A002 - the engine's own word for it
        """Find one resource.

        Args:
            type: The type token, as ``aws:s3/bucket:Bucket``.
            inputs: The inputs of the interrupted creation, names filled in; secret values are None.

        Returns:
            The physical id, as the provider's import takes it; None when there is no such resource.

        Raises:
            LookupError: it cannot be told, as for a type that the finder does not know, or with several candidates.
        """
        ...

    def find_made_since(self, type: str, inputs: Mapping[str, Any], since: datetime) -> str | None:  # noqa: A002
        """Find one resource that was made not long ago.

        Args:
            type: As of `find`.
            inputs: As of `find`.
            since: What was there before is somebody else's, whatever its name.

        Returns:
            As of `find`; None also where it was there before.

        Raises:
            LookupError: it cannot be told, or not when it was made.
        """
        ...
