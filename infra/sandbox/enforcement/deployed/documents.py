"""Compiles policy documents as moto stores them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, cast

from infra.evaluator.compiling import compile_policy
from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind

#: A document as one backend or another keeps it.
Stored = str | bytes | Mapping[str, Any]


def compiled(document: Stored, kind: PolicyKind, label: str, service: str | None = None) -> Policy:
    """A document, compiled; the same text is compiled once.

    Args:
        document: As moto stores it.
        kind: Where it is attached.
        label: How verdicts call it.
        service: For a resource policy the resource's service, by the prefix of its actions.

    Raises:
        MalformedPolicy: It is none that AWS would have taken.
    """
    text = document.decode("utf-8") if isinstance(document, bytes) else document
    return compile_policy(text, kind, service=service, label=label)


def joined(documents: Iterable[Stored]) -> Mapping[str, Any] | None:
    """One document with the statements of several, for a resource that AWS gives more than one; None without any.

    Statement ids are unique within a document only: one that comes again gets a number.
    """
    statements: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for document in documents:
        found: Any = document if isinstance(document, Mapping) else json.loads(document)
        listed: Any = found.get("Statement", [])
        for statement in cast("list[dict[str, Any]]", listed if isinstance(listed, list) else [listed]):
            sid = str(statement.get("Sid", ""))
            seen[sid] += 1
            statements.append({**statement, "Sid": f"{sid}{seen[sid]}"} if sid and seen[sid] > 1 else statement)
    return {"Version": "2012-10-17", "Statement": statements} if statements else None
