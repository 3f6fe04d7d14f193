"""Puts the embedded cloud together: moto, our extensions of it, and the layers in front."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING

from infra.sandbox import moto_extensions, pipeline
from infra.sandbox.dispatcher import Dispatcher

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


@contextlib.contextmanager
def embedded_cloud(instance: str, started: str) -> Generator[WSGIApplication]:
    """The application of a new, empty cloud in this process.

    Args:
        instance: The uuid that names this cloud.
        started: When it was started, in ISO 8601.
    """
    moto_extensions.apply()
    layers = [
        pipeline.local_names_only,
        pipeline.health({"instance": instance, "pid": os.getpid(), "started": started}),
        pipeline.access_log,
        pipeline.aws_errors,
        pipeline.one_at_a_time(threading.RLock()),
    ]
    yield pipeline.build(Dispatcher(), layers)
