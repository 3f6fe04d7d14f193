"""Load on an endpoint while something happens to it: every call is counted, and none is tried again."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

_CALLERS = 2
_PAUSE_SECONDS = 0.1


class Load:
    """Calls an endpoint from the beginning of a block to its end.

    Args:
        runtime: A client that makes one attempt a call.
        endpoint: The endpoint's name.
        body: What every call sends, as JSON.
    """

    def __init__(self, runtime: SageMakerRuntimeClient, endpoint: str, body: str) -> None:
        self._runtime = runtime
        self._endpoint = endpoint
        self._body = body
        self._over = threading.Event()
        self._callers = [threading.Thread(target=self._call) for _ in range(_CALLERS)]
        self.answers: list[bytes] = []
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        for caller in self._callers:
            caller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for caller in self._callers:
            caller.join()

    def _call(self) -> None:
        while not self._over.wait(_PAUSE_SECONDS):
            try:
                answer: dict[str, Any] = dict(
                    self._runtime.invoke_endpoint(
                        EndpointName=self._endpoint, ContentType="application/json", Body=self._body
                    )
                )
                self.answers.append(answer["Body"].read())
            except (BotoCoreError, ClientError) as error:
                self.failures.append(str(error))
