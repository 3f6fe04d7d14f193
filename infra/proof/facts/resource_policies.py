"""The policies of resources by the resource's ARN, from whichever record holds them.

Sources: AWS KMS Developer Guide, "Default key policy"; AWS Lambda API Reference, "AddPermission"; Amazon EventBridge
API Reference, "PutPermission"; Amazon CloudWatch Logs API Reference, "PutResourcePolicy".
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from infra.evaluator.kinds import PolicyKind
from infra.planned import UNKNOWN
from infra.policy_documents import DOCUMENTS
from infra.proof.facts.index import Index
from infra.proof.facts.model import Document, Unknown
from infra.proof.facts.records import Record
from infra.proof.facts.targets import BUSES, FUNCTIONS, KEYS, TARGETS, Target, arn_of, target_arn

_PERMISSION = "aws:lambda/permission:Permission"
_EVENT_PERMISSION = "aws:cloudwatch/eventPermission:EventPermission"
_LOG_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
#: Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs quotas".
_MOST_LOG_POLICIES = 10
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_FUNCTION_TARGET = Target("function", FUNCTIONS, "arn:{partition}:lambda:{region}:{account}:function:{name}")
_BUS_TARGET = Target("eventBusName", BUSES, "arn:{partition}:events:{region}:{account}:event-bus/{name}")

Policies = Mapping[str, tuple[Document, ...]]


def resource_policies(index: Index) -> tuple[Policies, list[Unknown]]:
    """Every policy of a resource, by the resource's ARN, and what is not known of them.

    A policy that is a record of its own replaces the one that its resource's record repeats.
    """
    unknown: list[Unknown] = []
    own: dict[str, list[Document]] = defaultdict(list)
    attached: dict[str, list[Document]] = defaultdict(list)
    for arn, document in _own(index):
        own[arn].append(document)
    for arn, document, record in _attached(index):
        if arn is None:
            why = "it is not known which resource the policy is attached to"
            unknown.append(Unknown(record.source, document.property, why))
        else:
            attached[arn].append(document)
    for documents in attached.values():
        for second in documents[1:]:
            if second.text != documents[0].text:
                why = "the resource has another policy by another record: which of them counts depends on the order"
                unknown.append(Unknown(second.source, second.property, why))
    found: dict[str, list[Document]] = {**own, **attached}
    for arn, document in _statements(index, unknown):
        found.setdefault(arn, []).append(document)
    return {arn: tuple(documents) for arn, documents in found.items()}, unknown


def documents_of(record: Record) -> Iterator[Document]:
    """The policy documents in a record's own properties."""
    for key, (kind, service) in DOCUMENTS.get(record.type, {}).items():
        document = document_in(record, key, kind, service)
        if document is not None:
            yield document


def document_in(record: Record, key: str, kind: PolicyKind, service: str | None = None) -> Document | None:
    """The policy document in a property; None where there is none.

    Args:
        record: The resource.
        key: The property.
        kind: Where the policy is attached.
        service: For a resource's policy, the prefix of its service.
    """
    value: Any = record.properties.get(key)
    if value is UNKNOWN:
        return Document(None, kind, record.source, key, service)
    if isinstance(value, dict):  # programs of other languages may give a document as it is
        value = json.dumps(value, default=str)
    if not isinstance(value, str) or not value.strip():
        return None
    return Document(value, kind, record.source, key, service)


def _own(index: Index) -> Iterator[tuple[str, Document]]:
    for token, properties in DOCUMENTS.items():
        if token in TARGETS or all(kind is not PolicyKind.RESOURCE for kind, _ in properties.values()):
            continue
        for record in index.of(token):
            arn = arn_of(record, index)
            if arn is None:
                continue
            documents = tuple(documents_of(record)) or _default(record, index)
            yield from ((arn, document) for document in documents)


def _default(record: Record, index: Index) -> tuple[Document, ...]:
    """The policy that a key gets where the program gives none: it delegates to the account."""
    if record.type not in KEYS:
        return ()
    account = index.account(record)
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [allowed]}) if account else None
    return (Document(text, PolicyKind.RESOURCE, record.source, "policy", "kms"),)


def _attached(index: Index) -> Iterator[tuple[str | None, Document, Record]]:
    for token, target in TARGETS.items():
        ((key, (kind, service)),) = DOCUMENTS[token].items()
        for record in index.of(token):
            document = document_in(record, key, kind, service)
            # Such a record is there for its policy alone: one that is not written down is not known.
            held = document or Document(None, kind, record.source, key, service)
            yield target_arn(record, target, index), held, record


def _statements(index: Index, unknown: list[Unknown]) -> Iterator[tuple[str, Document]]:
    """Policies that are made of records of one statement each, and those of an account's log groups."""
    for record in index.of(_PERMISSION):
        arn = target_arn(record, _FUNCTION_TARGET, index)
        yield from _statement(record, arn, "lambda", _permission(record, arn), unknown)
    for record in index.of(_EVENT_PERMISSION):
        near = record if record.text("eventBusName") or record.unknown("eventBusName") else _named(record, "default")
        arn = target_arn(near, _BUS_TARGET, index)
        yield from _statement(record, arn, "events", _event_permission(record, arn), unknown)
    yield from _of_log_groups(index, unknown)


def _of_log_groups(index: Index, unknown: list[Unknown]) -> Iterator[tuple[str, Document]]:
    """The policies of an account's log groups: each may be about any group of its Region."""
    groups: dict[tuple[str | None, str | None], list[str]] = defaultdict(list)
    for group in index.of(_LOG_GROUP):
        arn = arn_of(group, index)
        if arn is not None:
            groups[index.account(group), index.region(group)].append(arn)
    read: Counter[tuple[str | None, str | None]] = Counter()
    for record in index.of(_LOG_POLICY):
        place = index.account(record), index.region(record)
        read[place] += 1
        document = document_in(record, "policyDocument", PolicyKind.RESOURCE, "logs")
        if read[place] > _MOST_LOG_POLICIES:
            why = f"it is not read: AWS takes no more than {_MOST_LOG_POLICIES} such policies in a Region"
            unknown.append(Unknown(record.source, "policyDocument", why))
        elif document is not None:
            yield from ((arn, document) for arn in groups[place])


def _statement(
    record: Record, arn: str | None, service: str, statement: Mapping[str, object], unknown: list[Unknown]
) -> Iterator[tuple[str, Document]]:
    if arn is None:
        unknown.append(Unknown(record.source, "principal", "it is not known which resource the permission is on"))
        return
    hidden = any(value is UNKNOWN for value in record.properties.values())
    text = None if hidden else json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    yield arn, Document(text, PolicyKind.RESOURCE, record.source, "principal", service)


def _permission(record: Record, arn: str | None) -> Mapping[str, object]:
    conditions: dict[str, dict[str, str]] = {}
    for key, operator, name in (
        ("sourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("sourceArn", "ArnLike", "AWS:SourceArn"),
        ("principalOrgId", "StringEquals", "aws:PrincipalOrgID"),
        ("functionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("eventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ):
        value = record.text(key)
        if value is not None:
            conditions.setdefault(operator, {})[name] = value
    qualifier = record.text("qualifier")
    return {
        "Effect": "Allow",
        "Principal": _principal(record.text("principal") or "*"),
        "Action": record.text("action") or "lambda:*",
        "Resource": f"{arn}:{qualifier}" if qualifier else arn,
        **({"Condition": conditions} if conditions else {}),
    }


def _event_permission(record: Record, arn: str | None) -> Mapping[str, object]:
    condition = record.mapping("condition")
    found = (
        {str(condition["type"]): {str(condition["key"]): str(condition["value"])}}
        if {"type", "key", "value"} <= set(condition)
        else {}
    )
    return {
        "Effect": "Allow",
        "Principal": _principal(record.text("principal") or "*"),
        "Action": record.text("action") or "events:PutEvents",
        "Resource": arn,
        **({"Condition": found} if found else {}),
    }


def _principal(named: str) -> object:
    if named == "*":
        return "*"
    return {"Service": named} if named.endswith((".amazonaws.com", ".amazonaws.com.cn")) else {"AWS": named}


def _named(record: Record, bus: str) -> Record:
    return replace(record, properties={**record.properties, "eventBusName": bus})
