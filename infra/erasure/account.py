"""The account in which things of a tenant are removed: what reads it, and the calls that change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.live.account import Account, Answer


class ErasableAccount(Account):
    """An account of which more is done than reading, by the same ways in and with the same trying again."""

    def change(self, service: str, operation: str, **parameters: Any) -> Answer:
        """Make one call that changes something.

        Args:
            service: boto3's name of the service.
            operation: boto3's name of the operation.
            **parameters: Of the request.

        Raises:
            Unread: No way in is let through, or AWS refuses.
            Absent: What it is about is not there.
            UserError: The credentials are not valid.
        """
        return self.read(service, operation, **parameters)

    def _pages(self, way: int, service: str, operation: str, parameters: Mapping[str, Any]) -> Answer:
        """A listing that says how many it wants is one page: boto3's own limit loses what is not the first list."""
        if parameters.keys() & {"MaxKeys", "MaxUploads"}:
            return getattr(self._client(way, service), operation)(**parameters)
        return super()._pages(way, service, operation, parameters)
