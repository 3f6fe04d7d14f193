"""Makes a call live, and reads from the sandbox's record what was decided about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore
import botocore.exceptions
from botocore import xform_name

from infra.sandbox.enforcement.decisions import FILE
from tests.isolation.calls import Call

#: How the services spell that a caller may not.
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"})


@dataclass(frozen=True)
class Answer:
    """How a call ended.

    Args:
        call: The call.
        code: The error's code; None for a success.
        message: The error's message.
        decision: What the sandbox recorded; empty if the call never came there.
    """

    call: Call
    code: str | None
    message: str
    decision: Mapping[str, Any]

    @property
    def denied(self) -> bool:
        """Whether AWS would say that the caller may not."""
        return self.code in DENIED and self.decision.get("outcome") == "Denied"

    def checks(self, arn: str) -> list[Mapping[str, Any]]:
        """The checks of the call that are about a resource."""
        about = (arn, arn.removesuffix(":*"), f"{arn}:*")
        return [check for check in self.decision.get("checks", ()) if check["resource"] in about]

    def denies(self, arn: str) -> bool:
        """Whether the call was denied because of a resource, and not by another check of it alone."""
        return self.denied and any(check["decision"] != "Allowed" for check in self.checks(arn))

    def __str__(self) -> str:
        decided = [
            f"{each['action']} on {each['resource']}: {each['decision']}" for each in self.decision.get("checks", ())
        ]
        return f"{self.call} -> {self.code}: {self.message} [{'; '.join(decided)}]"


@dataclass
class Attempts:
    """Calls against one cloud.

    Args:
        home: The sandbox's folder.
    """

    home: Path
    _read: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    _file: Any = None

    def make(self, client: Any, call: Call) -> Answer:
        """Make a call by a client of its service."""
        try:
            answer = getattr(client, xform_name(call.operation))(**call.parameters)
        except botocore.exceptions.ClientError as error:
            details: Mapping[str, str] = error.response.get("Error", {})
            request = error.response.get("ResponseMetadata", {}).get("RequestId", "")
            return Answer(call, details.get("Code"), details.get("Message", ""), self.decision(request))
        except (botocore.exceptions.BotoCoreError, ValueError, TypeError, AttributeError) as error:
            return Answer(call, "NotSent", f"{type(error).__name__}: {error}", {})
        return Answer(call, None, "", self.decision(answer["ResponseMetadata"]["RequestId"]))

    def decision(self, request: str) -> Mapping[str, Any]:
        """The recorded decision on a request; empty where there is none."""
        self._read_on()
        return self._read.pop(request, {})

    def _read_on(self) -> None:
        """Read what was recorded since, from a file that is replaced when it is full."""
        path = self.home / FILE
        if self._file is None:
            self._file = path.open()
        while True:
            for line in self._file:
                if line.strip():
                    record = json.loads(line)
                    self._read[record["request_id"]] = record
            if path.stat().st_ino == Path(f"/dev/fd/{self._file.fileno()}").stat().st_ino:
                return
            self._file.close()
            self._file = path.open()
