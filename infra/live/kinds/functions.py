"""Lambda functions: the role that their code has, and who may call or change them.

Source: AWS Lambda API Reference, "ListFunctions", "GetPolicy".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.live.entry import Found, Item, Kind, Part, given, tags_part

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
#: The conditions that a permission can have, by the provider's names. A statement with others is read without them,
#: which is more than it allows.
_CONDITIONS = {
    "aws:sourceaccount": "sourceAccount",
    "aws:sourcearn": "sourceArn",
    "aws:principalorgid": "principalOrgId",
    "lambda:functionurlauthtype": "functionUrlAuthType",
    "lambda:eventsourcetoken": "eventSourceToken",
}


def _function(item: Item) -> Iterator[Found]:
    properties = {
        "arn": item["FunctionArn"],
        "name": item["FunctionName"],
        "role": item.get("Role"),
        "kmsKeyArn": item.get("KMSKeyArn"),
    }
    yield Found(FUNCTION, item["FunctionName"], given(properties))


def _permissions(function: Item, answer: Item) -> Iterator[Found]:
    statements = cast("list[dict[str, Any]]", json.loads(answer["Policy"])["Statement"])
    for number, statement in enumerate(statements, start=1):
        sid = statement.get("Sid") or f"statement {number}"
        found = {
            "function": function["FunctionName"],
            "statementId": sid,
            "action": statement.get("Action"),
            "principal": _principal(statement.get("Principal")),
            **dict(_conditions(statement.get("Condition") or {})),
        }
        yield Found(PERMISSION, f"{function['FunctionName']}/{sid}", given(found))


def _principal(written: object) -> str:
    if isinstance(written, Mapping):
        named = next(iter(cast("Mapping[str, object]", written).values()), "*")
        return named if isinstance(named, str) else "*"
    return str(written or "*")


def _conditions(written: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, object]]:
    for keys in written.values():
        for key, value in keys.items():
            name = _CONDITIONS.get(key.lower())
            if name and isinstance(value, str):
                yield name, value


KINDS = (
    Kind(
        token=FUNCTION,
        service="lambda",
        lists="list_functions",
        at="Functions",
        action="lambda:ListFunctions",
        made=_function,
        parts=(
            Part(
                operation="get_policy",
                request={"FunctionName": "{FunctionName}"},
                action="lambda:GetPolicy",
                found=_permissions,
                token=PERMISSION,
            ),
            tags_part("lambda:ListTags", "list_tags", {"Resource": "{FunctionArn}"}),
        ),
    ),
)
