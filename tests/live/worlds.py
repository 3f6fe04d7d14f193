"""Small accounts and stacks, with the names of properties that the official provider has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.live import Comparison, Hidden, Known, Live, canonical, compare
from infra.live.reading import tokens_of
from infra.proof.facts import Record, Source

ACCOUNT = "123456789012"
REGION = "eu-central-1"


def policy(*actions: str, resource: str = "*", **more: Any) -> str:
    """A document of one statement that allows."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal: str) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def declared(token: str, id: str, properties: Mapping[str, Any], *, stack: str = "tenants/acme") -> Record:  # noqa: A002
    """A resource of a stack."""
    project, _, name = stack.partition("/")
    urn = f"urn:pulumi:{name}::{project}::{token}::{id}"
    return Record(token, properties, Source(stack, urn, "components/x.py", 7), id)


def there(token: str, id: str, properties: Mapping[str, Any]) -> Record:  # noqa: A002
    """A live resource."""
    return Record(token, properties, Source(f"live/{ACCOUNT}", str(properties.get("arn", id))), id)


def account(
    *records: Record, hidden: tuple[Hidden, ...] = (), tagged: tuple[Record, ...] = (), left_out: tuple[str, ...] = ()
) -> Live:
    """An account with some resources."""
    return Live(
        account=ACCOUNT,
        region=REGION,
        records=records,
        tagged=tagged,
        hidden=hidden,
        left_out=frozenset(left_out),
        tokens=tokens_of(),
    )


def compared(
    stacks: tuple[Record, ...],
    live: Live,
    known: Mapping[str, str] | None = None,
    tenants: frozenset[str] = frozenset(),
) -> Comparison:
    """The account against the stacks."""
    return compare(canonical(stacks), live, known=Known(known or {}), tenants=tenants)
