"""Puts the embedded cloud together: moto, our extensions of it, and the layers in front."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from infra.sandbox import moto_extensions, pipeline
from infra.sandbox.credentials import AccessKey
from infra.sandbox.dispatcher import Dispatcher
from infra.sandbox.moto_extensions import sagemaker_runtime
from infra.sandbox.request_ids import request_ids
from infra.sandbox.serving.artifact import ArtifactStore
from infra.sandbox.serving.loopback import Loopback
from infra.sandbox.serving.runtime import EndpointRuntime

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


@contextlib.contextmanager
def embedded_cloud(
    *, instance: str, started: str, endpoint_url: str, home: Path, key: AccessKey
) -> Generator[WSGIApplication]:
    """The application of a new, empty cloud in this process; endpoints' processes end with it.

    Args:
        instance: The uuid that names this cloud.
        started: When it was started, in ISO 8601.
        endpoint_url: Where the application will be served.
        home: The sandbox's folder.
        key: The access key that the cloud's own services use.
    """
    moto_extensions.apply()
    layers = [
        pipeline.local_names_only,
        pipeline.health({"instance": instance, "pid": os.getpid(), "started": started}),
        pipeline.access_log,
        request_ids,
        pipeline.aws_errors,
        pipeline.one_at_a_time(threading.RLock()),
    ]
    application = pipeline.build(Dispatcher(), layers)
    runtime = EndpointRuntime(ArtifactStore(Loopback(application), endpoint_url, key), home / "endpoints")
    sagemaker_runtime.apply(runtime)
    try:
        yield application
    finally:
        runtime.close()
