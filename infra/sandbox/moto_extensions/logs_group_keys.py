"""CloudWatch Logs: giving a log group a key and taking it away, which moto lacks.

Source: Amazon CloudWatch Logs API Reference, "AssociateKmsKey", "DisassociateKmsKey".
"""

from __future__ import annotations

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from infra.sandbox.moto_extensions.registry import add, parameters


def apply() -> None:
    """Changes moto."""
    add(LogsResponse, associate_kms_key=_associate, disassociate_kms_key=_disassociate)


def _group(response: LogsResponse) -> LogGroup:
    given = parameters(response)
    name: str = given.get("logGroupName") or given["resourceIdentifier"].split(":log-group:")[1].removesuffix(":*")
    group = response.logs_backend.groups.get(name)
    if group is None:
        raise ResourceNotFoundException
    return group


def _associate(response: LogsResponse) -> str:
    _group(response).kms_key_id = parameters(response)["kmsKeyId"]
    return "{}"


def _disassociate(response: LogsResponse) -> str:
    _group(response).kms_key_id = None
    return "{}"
