"""The control policy that AWS itself attaches: the only resource control policy that allows.

Source: AWS Organizations User Guide, "RCP syntax", RCPFullAWSAccess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

_STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def is_aws_full_access(elements: Mapping[str, Any]) -> bool:
    """Whether a resource control policy says what RCPFullAWSAccess says; its name and Sid do not matter."""
    statement: Any = elements.get("Statement")
    if isinstance(statement, list) and len(cast("list[Any]", statement)) == 1:
        statement = cast("list[Any]", statement)[0]
    if set(elements) - {"Id"} != {"Version", "Statement"} or not isinstance(statement, Mapping):
        return False
    said = {name: value for name, value in cast("Mapping[str, Any]", statement).items() if name != "Sid"}
    return elements["Version"] == "2012-10-17" and said == _STATEMENT
