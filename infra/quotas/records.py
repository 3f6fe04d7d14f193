"""The resources of a stack, from the records of its export or preview."""

from __future__ import annotations

from collections.abc import Iterable

from infra.proof.facts import Record
from infra.quotas.counting import Resource


def resources_of(records: Iterable[Record]) -> list[Resource]:
    """What a stack makes: neither components, nor what it only reads of another.

    Args:
        records: As `infra.proof.facts.read_deployment` and `read_preview` give them.
    """
    return [
        Resource(
            type=record.type,
            name=record.source.urn.rpartition("::")[2],
            properties=record.properties,
            id=record.id,
        )
        for record in records
        if record.custom and not record.external
    ]
