"""Runs endpoints: a process for each variant that is called, started by the first call, replaced when it must be."""

from __future__ import annotations

import contextlib
import logging
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from infra.sandbox.serving import errors
from infra.sandbox.serving.artifact import ArtifactRefused, ArtifactStore
from infra.sandbox.serving.deployment import Deployment, deployments
from infra.sandbox.serving.images import UnknownImage, program_of
from infra.sandbox.serving.process import ServerFailed, ServingProcess

MAX_PROCESSES = 8
START_SECONDS = 120.0
INVOCATION_SECONDS = 60.0
CLOSE_SECONDS = 2.0

_DYING_SECONDS = 2.0
_PASSED_ON = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes", "x-amzn-sagemaker-inference-id")
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)

_log = logging.getLogger("sandbox.endpoints")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model answered.

    Attributes:
        body: The bytes that its container sent.
        content_type: Their media type.
        variant: The variant that answered.
        custom_attributes: The header of that name, or None.
    """

    body: bytes
    content_type: str
    variant: str
    custom_attributes: str | None


@dataclass
class _Slot:
    """The place of one variant's process."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    process: ServingProcess | None = None
    folder: Path | None = None
    generation: str = ""
    last_used: float = 0.0
    retired: bool = False
    attempts: int = 0
    failure: errors.InvocationError | None = None
    past: set[str] = field(default_factory=set[str])
    """Generations that an update has replaced."""


class EndpointRuntime:
    """The processes of all endpoints of one embedded cloud.

    Args:
        store: Where artifacts come from.
        folder: Holds the unpacked models; emptied here.
        max_processes: Above this number, the one that was idle for longest is ended before another is started.
        invocation_seconds: How long a call may take.
    """

    def __init__(
        self,
        store: ArtifactStore,
        folder: Path,
        *,
        max_processes: int = MAX_PROCESSES,
        invocation_seconds: float = INVOCATION_SECONDS,
    ) -> None:
        self._store = store
        self._folder = folder
        self._max_processes = max_processes
        self._invocation_seconds = invocation_seconds
        self._slots: dict[tuple[str, str, str, str], _Slot] = {}
        self._lock = threading.Lock()
        self._enders: set[threading.Thread] = set()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)

    def invoke(
        self,
        *,
        account: str,
        region: str,
        endpoint: str,
        target_variant: str | None,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        """Calls an endpoint's model.

        Args:
            account: The caller's account.
            region: The region of the call.
            endpoint: The endpoint's name.
            target_variant: The variant to call; None chooses one by the variants' weights.
            headers: The call's headers, names in lower case.
            body: What the model gets.

        Raises:
            InvocationError: As AWS would answer.
        """
        if len(body) > errors.MAX_BODY_BYTES:
            raise errors.too_large()
        deployment = _choose(deployments(account, region, endpoint), target_variant)
        passed = {name: headers[name] for name in _PASSED_ON if name in headers}
        try:
            response = self._send(deployment, passed, body)
        except _Dead:  # it had crashed before this call, or was replaced: the next process answers
            deployment = _choose(deployments(account, region, endpoint), target_variant)
            response = self._send(deployment, passed, body)
        if response.status >= 300:
            raise _failure(deployment, response.status, response.data.decode("utf-8", "replace"))
        return Answer(
            body=response.data,
            content_type=response.headers.get("content-type", "application/octet-stream"),
            variant=deployment.variant,
            custom_attributes=response.headers.get("x-amzn-sagemaker-custom-attributes"),
        )

    def _send(self, deployment: Deployment, headers: Mapping[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        """One call of the variant's process."""
        process = self._lease(deployment)
        try:
            return process.request(body, headers, self._invocation_seconds)
        except urllib3.exceptions.TimeoutError:
            raise _failure(deployment, 0, _TIMED_OUT) from None
        except urllib3.exceptions.HTTPError as error:
            kind = _Dead if process.ended(_DYING_SECONDS) else errors.InvocationError
            raise _failure(deployment, 0, f"the container closed the connection: {error}", kind) from None
        finally:
            process.release()

    def roll(self, wanted: list[Deployment], switch: Callable[[], None]) -> None:
        """Starts the processes of an endpoint's new configuration beside those that serve, then lets traffic over.

        Variants that nobody has called yet are started by their first call, as always.

        Args:
            wanted: The variants of the new configuration.
            switch: Makes it the endpoint's configuration.

        Raises:
            InvocationError: a new process did not start; those that served go on.
        """
        started: list[tuple[_Slot, Deployment, ServingProcess, Path]] = []
        try:
            for deployment in wanted:
                slot = self._slot_in_use(deployment)
                if slot is not None:
                    started.append((slot, deployment, *self._started(deployment)))
        except errors.InvocationError:
            for _, _, process, folder in started:
                self._end(process, folder, CLOSE_SECONDS)
            raise
        with contextlib.ExitStack() as locked:
            for slot, *_ in started:
                locked.enter_context(slot.lock)
            switch()
            for slot, deployment, process, folder in started:
                if slot.retired:
                    self._end(process, folder, CLOSE_SECONDS)
                    continue
                self._vacate(slot, self._invocation_seconds)
                slot.past = (slot.past | {slot.generation}) - {deployment.generation}
                slot.process, slot.folder, slot.generation = process, folder, deployment.generation

    def serves(self, deployment: Deployment) -> bool:
        """Whether a process runs in the place of a variant."""
        return self._slot_in_use(deployment) is not None

    def in_background(self, work: Callable[[], None]) -> None:
        """Does something in a thread that `close` waits for."""

        def run() -> None:
            try:
                work()
            finally:
                self._enders.discard(threading.current_thread())

        thread = threading.Thread(target=run)
        self._enders.add(thread)
        thread.start()

    def _slot_in_use(self, deployment: Deployment) -> _Slot | None:
        with self._lock:
            slot = self._slots.get(_place(deployment))
        return slot if slot is not None and slot.process is not None and slot.process.alive() else None

    def retire(self, account: str, region: str, endpoint: str) -> None:
        """Ends the processes of an endpoint that was deleted, once their calls are done."""
        with self._lock:
            keys = [key for key in self._slots if key[:3] == (account, region, endpoint)]
            slots = [self._slots.pop(key) for key in keys]
        self._retire(slots, self._invocation_seconds)

    def close(self) -> None:
        """Ends every process soon, and waits for that."""
        with self._lock:
            slots = list(self._slots.values())
            self._slots.clear()
        self._retire(slots, CLOSE_SECONDS)
        for thread in list(self._enders):
            thread.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _retire(self, slots: list[_Slot], drain_seconds: float) -> None:
        for slot in slots:
            with slot.lock:
                slot.retired = True
                self._vacate(slot, drain_seconds)

    def _lease(self, deployment: Deployment) -> ServingProcess:
        """The variant's process, marked as in use; the caller releases it.

        Of several first calls one starts the process; the others wait, and share its failure.
        """
        with self._lock:
            slot = self._slots.setdefault(_place(deployment), _Slot())
            attempts = slot.attempts
        with slot.lock:
            if slot.retired:
                raise errors.not_found(deployment.account, deployment.endpoint)
            process = slot.process
            if process is None or not process.alive() or slot.generation != deployment.generation:
                if slot.failure is not None and slot.attempts != attempts:
                    raise slot.failure
                if deployment.generation in slot.past:
                    raise _failure(deployment, 0, "the deployment was replaced meanwhile", _Dead)
                process = self._replace(slot, deployment)
            process.acquire()
            slot.last_used = time.monotonic()
            return process

    def _replace(self, slot: _Slot, deployment: Deployment) -> ServingProcess:
        """Starts the process of a deployment, and only then ends the one that was there."""
        slot.attempts += 1
        slot.failure = None
        self._make_room()
        try:
            process, folder = self._started(deployment)
        except errors.InvocationError as error:
            slot.failure = error
            raise
        self._vacate(slot, self._invocation_seconds)
        slot.process, slot.folder, slot.generation = process, folder, deployment.generation
        return process

    def _started(self, deployment: Deployment) -> tuple[ServingProcess, Path]:
        """A process that serves a deployment, and the folder of its model.

        Raises:
            InvocationError: it does not start.
        """
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            return self._start(deployment, folder), folder
        except (ArtifactRefused, ServerFailed, UnknownImage) as error:
            shutil.rmtree(folder, ignore_errors=True)
            _log.warning("%s/%s does not start: %s", deployment.endpoint, deployment.variant, error)
            raise _failure(deployment, 500, str(error)) from None

    def _start(self, deployment: Deployment, folder: Path) -> ServingProcess:
        program = program_of(deployment.image)
        model = folder / "model"
        model.mkdir()
        self._store.fetch(deployment, model)
        name = f"{deployment.endpoint}/{deployment.variant}"
        process = ServingProcess(program=program, folder=model, environment=dict(deployment.environment), name=name)
        try:
            process.wait_until_ready(START_SECONDS)
        except ServerFailed:
            process.end(0)
            raise
        _log.info("%s is served by process %d", name, process.pid)
        return process

    def _make_room(self) -> None:
        """Ends the process that was idle for longest if there are as many as there may be."""
        with self._lock:
            live = [slot for slot in self._slots.values() if slot.process is not None]
        if len(live) < self._max_processes:
            return
        for slot in sorted(live, key=lambda slot: slot.last_used):
            if slot.lock.acquire(blocking=False):  # else it is being started or replaced itself
                try:
                    if slot.process is not None and not slot.process.users:
                        self._vacate(slot, self._invocation_seconds)
                        return
                finally:
                    slot.lock.release()

    def _vacate(self, slot: _Slot, drain_seconds: float) -> None:
        """Takes the process out of its place and ends it in the background."""
        process, folder = slot.process, slot.folder
        slot.process = slot.folder = None
        if process is not None and folder is not None:
            self._end(process, folder, drain_seconds)

    def _end(self, process: ServingProcess, folder: Path, drain_seconds: float) -> None:
        def end() -> None:
            process.end(drain_seconds)
            shutil.rmtree(folder, ignore_errors=True)

        self.in_background(end)


def _place(deployment: Deployment) -> tuple[str, str, str, str]:
    return (deployment.account, deployment.region, deployment.endpoint, deployment.variant)


def _choose(variants: list[Deployment], target: str | None) -> Deployment:
    if target is None:
        weights = [variant.weight for variant in variants]
        return random.choices(variants, weights if any(weights) else None)[0]  # noqa: S311 - traffic, not a secret
    for variant in variants:
        if variant.variant == target:
            return variant
    raise errors.validation(f"Variant {target} of endpoint {variants[0].endpoint} not found.")


class _Dead(errors.InvocationError):
    """The process turned out to have ended before it answered."""


def _failure(
    deployment: Deployment, status: int, message: str, kind: type[errors.InvocationError] = errors.InvocationError
) -> errors.InvocationError:
    return errors.model_error(
        kind,
        account=deployment.account,
        region=deployment.region,
        endpoint=deployment.endpoint,
        status=status,
        message=message,
    )
