"""From a policy document to the intermediate representation, once a document; what AWS would refuse is refused.

Source: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

from infra.errors import UserError
from infra.evaluator.document import Condition, Policy, PrincipalName, Statement
from infra.evaluator.facts import text_of
from infra.evaluator.grammar import Refusal, is_idle, refusals
from infra.evaluator.grammar.text import Unreadable, read
from infra.evaluator.kinds import Effect, PolicyKind

#: So many documents are kept, the least used of them dropped first.
_KEPT = 2048
_OLD_VERSION = "2008-10-17"


class MalformedPolicy(UserError):
    """AWS would refuse the document.

    Args:
        reasons: Why, each with its place in the document.
        label: What the document is.
    """

    def __init__(self, reasons: tuple[Refusal, ...], label: str = "") -> None:
        super().__init__(
            "; ".join(map(str, reasons)), "correct the document: AWS would refuse it for the same reason", where=label
        )
        self.reasons = reasons


def compile_policy(
    document: str | Mapping[str, Any], kind: PolicyKind, *, service: str | None = None, label: str = ""
) -> Policy:
    """Read a policy document.

    Args:
        document: JSON text, or the mapping that such a text stands for.
        kind: Where it is attached.
        service: For a resource's policy, the prefix of the resource's service: ``s3``; `MANAGED_BY_AWS` for a managed
            policy of AWS's own.
        label: How verdicts call it; the kind if it is empty.

    Returns:
        The same policy for the same arguments, as long as it is among the many that are kept.

    Raises:
        MalformedPolicy: AWS would refuse the document.
    """
    try:
        text = document if isinstance(document, str) else read(document).text
    except Unreadable:
        raise MalformedPolicy(refusals(document, kind, service), label) from None
    return _labelled(text, kind, service, label or kind.value)


@lru_cache(maxsize=_KEPT)
def _labelled(text: str, kind: PolicyKind, service: str | None, label: str) -> Policy:
    try:
        return replace(_compiled(text, kind, service), label=label)
    except MalformedPolicy as refused:
        raise MalformedPolicy(refused.reasons, label) from None


@lru_cache(maxsize=_KEPT)
def _compiled(text: str, kind: PolicyKind, service: str | None) -> Policy:
    found = refusals(text, kind, service)
    if found:
        raise MalformedPolicy(found)
    elements = read(text).elements
    written = elements["Statement"]
    statements = cast("list[Mapping[str, Any]]", written if isinstance(written, list) else [written])
    return Policy(
        version=str(elements.get("Version", _OLD_VERSION)),
        statements=tuple(
            _statement(index, statement)
            for index, statement in enumerate(statements)
            if not is_idle(statement, kind, service)
        ),
        kind=kind,
        label=kind.value,
    )


def _statement(index: int, written: Mapping[str, Any]) -> Statement:
    return Statement(
        index=index,
        sid=written.get("Sid") or None,
        effect=Effect(written["Effect"]),
        principals=_principals(written.get("Principal")),
        not_principals=_principals(written.get("NotPrincipal")),
        actions=_lowered(written.get("Action")),
        not_actions=_lowered(written.get("NotAction")),
        resources=_texts(written.get("Resource")),
        not_resources=_texts(written.get("NotResource")),
        conditions=tuple(_conditions(written.get("Condition") or {})),
    )


def _texts(written: object) -> tuple[str, ...] | None:
    if written is None:
        return None
    values = cast("list[object]", written) if isinstance(written, list) else [written]
    return tuple(map(text_of, values))


def _lowered(written: object) -> tuple[str, ...] | None:
    texts = _texts(written)
    return None if texts is None else tuple(text.lower() for text in texts)


def _principals(written: object) -> tuple[PrincipalName, ...] | None:
    if written is None:
        return None
    if isinstance(written, str):
        return (PrincipalName("AWS", written),)
    by_type = cast("Mapping[str, object]", written)
    return tuple(PrincipalName(name, value) for name, values in by_type.items() for value in _texts(values) or ())


def _conditions(written: Mapping[str, Mapping[str, object]]) -> Iterable[Condition]:
    for operator, keys in written.items():
        for key, values in keys.items():
            yield Condition(operator, key.lower(), _texts(values) or ())
