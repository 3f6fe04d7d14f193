"""Makes a call live, and reads from the sandbox's record what was decided about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from infra.sandbox.enforcement.decisions import FILE
from tests.isolation.calls import Call

#: How the services spell that a caller may not; a HEAD has no body and so no code but its status.
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
        # A log group is named with and without its streams.
        about = (arn, f"{arn}:log-stream:")
        return [check for check in self.decision.get("checks", ()) if check["resource"] in about]

    def denies(self, arn: str) -> bool:
        """Whether the call was denied, and everything that it needs of the resource too."""
        checks = self.checks(arn)
        return self.denied and bool(checks) and all(check["decision"] != "Allowed" for check in checks)

    def allows(self, arn: str) -> list[str]:
        """The actions on the resource that were allowed."""
        return [check["action"] for check in self.checks(arn) if check["decision"] == "Allowed"]

    def __str__(self) -> str:
        checks = self.decision.get("checks", ())
        decided = [f"{each['action']} on {each['resource']}: {each['decision']}" for each in checks]
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
        except ClientError as error:
            response = cast("Mapping[str, Mapping[str, str]]", error.response)
            decision = self.decision(_request_id(error.response))
            return Answer(call, response["Error"]["Code"], response["Error"]["Message"], decision)
        except (BotoCoreError, ValueError, TypeError, AttributeError) as error:
            # Not every value that a shape allows can be sent.
            return Answer(call, "NotSent", f"{type(error).__name__}: {error}", {})
        return Answer(call, None, "", self.decision(_request_id(answer)))

    def decision(self, request: str) -> Mapping[str, Any]:
        """The recorded decision on a request; empty where there is none."""
        self._read_on()
        return self._read.pop(request, {})

    def _read_on(self) -> None:
        """Read what was recorded since, from a file that is replaced when it is full."""
        path = self.home / FILE
        if self._file is None:
            self._file = path.open(encoding="utf-8")
        while True:
            for line in self._file:
                if line.strip():
                    record = json.loads(line)
                    self._read[record["request_id"]] = record
            if path.stat().st_ino == Path(f"/dev/fd/{self._file.fileno()}").stat().st_ino:
                return
            self.close()
            self._file = path.open(encoding="utf-8")

    def close(self) -> None:
        """Close the record."""
        if self._file is not None:
            self._file.close()


def _request_id(response: Any) -> str:
    """The id that the call was answered with: of an answer in another protocol than expected it is in a header only."""
    found = response["ResponseMetadata"]
    return found.get("RequestId") or found["HTTPHeaders"].get("x-amz-request-id", "")
