"""Log groups: keys and retention times that CloudWatch Logs refuses, and the class of a group, which moto drops.

Source: CloudWatch Logs API Reference, "AssociateKmsKey", "CreateLogGroup", "PutRetentionPolicy";
CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import kms_backends
from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse

from infra.sandbox.moto_extensions.policy_reading import service_may
from infra.sandbox.moto_extensions.registry import parameters, wrap

_CONTEXT_KEY = "kms:EncryptionContext:aws:logs:arn"
_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096)
_RETENTION_YEARS = (1827, 2192, 2557, 2922, 3288, 3653)


def apply() -> None:
    """Changes moto."""
    wrap(LogsResponse, "associate_kms_key", _associate)
    wrap(LogsResponse, "create_log_group", _create)
    wrap(LogsBackend, "create_log_group", _check_key_of_new)
    wrap(LogsBackend, "put_retention_policy", _put_retention)
    wrap(LogGroup, "to_describe_dict", _describe)


def _associate(original: Callable[[LogsResponse], str], response: LogsResponse) -> str:
    given = parameters(response)
    name: str = given.get("logGroupName") or given["resourceIdentifier"].partition(":log-group:")[2]
    group = response.logs_backend.groups.get(name)
    if group is not None:
        _check_key(response.logs_backend, given["kmsKeyId"], group.arn)
    return original(response)


def _create(original: Callable[[LogsResponse], str], response: LogsResponse) -> str:
    answer = original(response)
    given = parameters(response)
    vars(response.logs_backend.groups[given["logGroupName"]])["log_group_class"] = given.get(
        "logGroupClass", "STANDARD"
    )
    return answer


def _check_key_of_new(
    original: Callable[..., LogGroup], backend: LogsBackend, name: str, tags: dict[str, str], **given: Any
) -> LogGroup:
    if given.get("kmsKeyId") and name not in backend.groups:
        arn = f"arn:aws:logs:{backend.region_name}:{backend.account_id}:log-group:{name}"
        _check_key(backend, given["kmsKeyId"], arn)
    return original(backend, name, tags, **given)


def _check_key(backend: LogsBackend, key_arn: str, group_arn: str) -> None:
    """The key's policy must let CloudWatch Logs of the Region use it for this log group."""
    key = kms_backends[backend.account_id][backend.region_name].keys.get(key_arn.rpartition("/")[2])
    service = f"logs.{backend.region_name}.amazonaws.com"
    actions = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")
    context = {_CONTEXT_KEY: group_arn}
    if (
        key is None
        or not key.enabled
        or not all(service_may(key.policy, service, a, key.arn, context) for a in actions)
    ):
        message = f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{group_arn}'"
        raise JsonRESTError("AccessDeniedException", message)


def _put_retention(original: Callable[..., None], backend: LogsBackend, log_group_name: str, days: int) -> None:
    allowed = (*_RETENTION_DAYS, *_RETENTION_YEARS)
    if days not in allowed:
        raise InvalidParameterException(
            constraint=f"Member must satisfy enum value set: {list(allowed)}",
            parameter="retentionInDays",
            value=days,
        )
    original(backend, log_group_name, days)


def _describe(original: Callable[[LogGroup], dict[str, Any]], group: LogGroup) -> dict[str, Any]:
    return original(group) | {"logGroupClass": vars(group).get("log_group_class", "STANDARD")}
