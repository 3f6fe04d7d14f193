"""What code that AWS would run must know to get the credentials of its role: an address, and a token of the sandbox.

Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlencode

PATH = "/_bulkhead/workload-credentials"
TOKEN_FILE = "workload-token"  # noqa: S105 - a file's name


def workload_token(home: Path) -> str:
    """The token of a sandbox's workloads; a new one is made, readable by its owner only, where there is none yet."""
    path = home / TOKEN_FILE
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        token = secrets.token_urlsafe(30)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(token)
        return token


def workload_variables(endpoint_url: str, token: str, role_arn: str, workload_arn: str) -> dict[str, str]:
    """The variables by which AWS's SDKs get the credentials of a workload.

    Args:
        endpoint_url: The sandbox's address.
        token: From `workload_token`.
        role_arn: The workload's role.
        workload_arn: The task, job or function.
    """
    query = urlencode({"role": role_arn, "workload": workload_arn})
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{endpoint_url}{PATH}?{query}",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
    }
