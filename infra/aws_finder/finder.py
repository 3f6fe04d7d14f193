"""AwsFinder: the engine's question "does this resource exist, and under which id" put to AWS, by a table of types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import boto3

from infra.aws_finder import ages, governance, identity, network, observability, storage, workloads
from infra.aws_finder.lookup import Aws, Lookup

#: A type token to how its resource is found; the ids are those that ``pulumi import`` takes.
TABLE: Mapping[str, Lookup] = {
    **governance.TABLE,
    **identity.TABLE,
    **network.TABLE,
    **observability.TABLE,
    **storage.TABLE,
    **workloads.TABLE,
}


class AwsFinder:
    """Looks resources up by their physical name or, where AWS gives the id, by their unique ``Name`` tag.

    Args:
        session: Credentials and Region; they need read access only.
        endpoint_url: Where AWS answers, for an embedded cloud; None for AWS itself.

    Source: Pulumi Registry, AWS, section "Import" of each resource.
    """

    def __init__(self, session: boto3.Session, endpoint_url: str | None = None) -> None:
        self._aws = Aws(session, endpoint_url)

    def find(self, type: str, inputs: Mapping[str, Any]) -> str | None:  # noqa: A002 - the engine's word for it
        """The id of the resource as the provider's import takes it; None where there is none.

        Args:
            type: The type token, for example ``aws:s3/bucket:Bucket``.
            inputs: The resource's inputs, in camelCase.

        Raises:
            LookupError: the type is not in the table, an input that names the resource is missing, or several resources
                bear the name.
        """
        if type not in TABLE:
            raise LookupError(f"no way is known to find a {type} at AWS")
        return TABLE[type](self._aws, inputs)

    def find_made_since(self, type: str, inputs: Mapping[str, Any], since: datetime) -> str | None:  # noqa: A002
        """As `find`, but None for what was there before.

        Args:
            type: The type token.
            inputs: The resource's inputs, in camelCase.
            since: With a time zone.

        Raises:
            LookupError: as `find`; or AWS does not tell when a resource of the type was made.
        """
        if type not in ages.TABLE:
            raise LookupError(f"AWS does not tell when a {type} was made")
        found = self.find(type, inputs)
        return found if found is not None and ages.TABLE[type](self._aws, found) >= since else None
