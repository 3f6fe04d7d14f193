"""The HTTP side of the server: `/ping` and `/invocations`, as SageMaker calls them.

Source: SageMaker developer guide, "Custom Inference Code with Hosting Services".
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Mapping
from enum import StrEnum
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serving_containers.sklearn import codec, media, model
from serving_containers.sklearn.batching import Batcher
from serving_containers.sklearn.errors import NoModel, NotReady, PayloadTooLarge, RequestRefused
from serving_containers.sklearn.logs import event
from serving_containers.sklearn.manifest import ModelRefused
from serving_containers.sklearn.settings import Settings

CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"

# A body up to this size is read in less time than it takes to hand it to another thread and back.
_INLINE_BYTES = 32_768


class State(StrEnum):
    """Where the server is in its life."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    DRAINING = "draining"


class InferenceServer:
    """The application and its state.

    Args:
        settings: The server's settings.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: model.Model | None = None
        self._batcher: Batcher | None = None
        self.state = State.LOADING
        self.reason = ""
        self.application = Starlette(
            routes=[
                Route("/ping", self._ping, methods=["GET"]),
                Route("/invocations", self._invocations, methods=["POST"]),
            ],
            lifespan=self._lifespan,
        )

    def drain(self) -> None:
        """Says to whoever asks /ping that no more requests should come; those that come are still answered."""
        if self.state is not State.FAILED:
            self.state = State.DRAINING

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncGenerator[None]:
        loading = asyncio.create_task(self._load())
        try:
            yield
        finally:
            await loading
            if self._batcher:
                self._batcher.close()

    async def _load(self) -> None:
        began = time.perf_counter()
        try:
            loaded = await run_in_threadpool(model.load, self._settings.model_folder, self._settings.model_sha256)
        except ModelRefused as error:
            self.state, self.reason = State.FAILED, str(error)
            event("model refused", level=logging.ERROR, reason=self.reason)
            return
        except Exception as error:  # noqa: BLE001 - the server stays up to say why
            self.state, self.reason = State.FAILED, f"{type(error).__name__}: {error}"
            event("model failed", level=logging.ERROR, trace=True, reason=self.reason)
            return
        self._model = loaded
        self._batcher = Batcher(
            loaded.estimator.predict,
            max_batch_rows=self._settings.max_batch_rows,
            max_queued_rows=self._settings.max_queued_rows,
        )
        if self.state is State.LOADING:
            self.state = State.READY
        event(
            "model loaded",
            estimator=loaded.manifest.estimator,
            features=len(loaded.manifest.features),
            sha256=self._settings.model_sha256,
            seconds=round(time.perf_counter() - began, 3),
        )

    async def _ping(self, _: Request) -> Response:
        status = {State.READY: 200, State.FAILED: 500}.get(self.state, 503)
        return JSONResponse({"state": self.state, "reason": self.reason}, status)

    async def _invocations(self, request: Request) -> Response:
        began = time.perf_counter()
        facts: dict[str, Any] = {}
        try:
            response = await self._predict(request, facts)
        except RequestRefused as error:
            response = _problem(error.status, str(error), error.headers)
        except ClientDisconnect:
            response = Response(status_code=499)
        except Exception as error:  # noqa: BLE001 - the model's own failure, told to the caller and the log
            event("inference failed", level=logging.ERROR, trace=True)
            response = _problem(500, f"the model failed: {type(error).__name__}")
        if attributes := request.headers.get(CUSTOM_ATTRIBUTES):
            response.headers[CUSTOM_ATTRIBUTES] = attributes
        facts["milliseconds"] = round(1000 * (time.perf_counter() - began), 2)
        event("invocation", status=response.status_code, **facts)
        return response

    async def _predict(self, request: Request, facts: dict[str, Any]) -> Response:
        given = media.of_body(request.headers.get("content-type"), request.headers.get("content-encoding"))
        wanted = media.of_answer(request.headers.get("accept"), given)
        body = await self._body(request)
        facts["bytes"] = len(body)
        if self._model is None or self._batcher is None:
            raise NoModel(self.reason) if self.state is State.FAILED else NotReady("the model is loading")
        small = len(body) <= _INLINE_BYTES
        features = self._model.manifest.features
        rows = (
            codec.decode(body, given, features)
            if small
            else await run_in_threadpool(codec.decode, body, given, features)
        )
        facts["rows"] = len(rows)
        predictions = await self._batcher.predict(rows)
        content = (
            codec.encode(predictions, wanted) if small else await run_in_threadpool(codec.encode, predictions, wanted)
        )
        return Response(content, media_type=wanted)

    async def _body(self, request: Request) -> bytes:
        limit = self._settings.max_body_bytes
        too_large = PayloadTooLarge(f"the body is larger than {limit} bytes: send fewer rows at a time")
        if int(request.headers.get("content-length", "0")) > limit:
            raise too_large
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large
        return bytes(body)


def _problem(status: int, reason: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": reason}, status, headers)
