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
from infra.sandbox.enforcement.decisions import Decisions
from infra.sandbox.enforcement.deployed.estate import MotoEstate
from infra.sandbox.enforcement.layer import Enforcement
from infra.sandbox.moto_extensions import sagemaker_runtime, sts_web_identity
from infra.sandbox.request_ids import request_ids
from infra.sandbox.service_roles import ServiceRoles
from infra.sandbox.serving.artifact import ArtifactStore
from infra.sandbox.serving.loopback import Loopback
from infra.sandbox.serving.runtime import EndpointRuntime
from infra.sandbox.token_issuer import issuer_key
from infra.sandbox.workload_credentials import workload_credentials
from infra.sandbox.workload_token import workload_token

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
        key: The access key of the account itself.
    """
    moto_extensions.apply()
    issuer = issuer_key(home)
    sts_web_identity.apply(issuer)
    lock = threading.RLock()
    enforcement = Enforcement(root=key, issuer=issuer, lookup=MotoEstate(), lock=lock, decisions=Decisions(home))
    layers = [
        pipeline.local_names_only,
        pipeline.health({"instance": instance, "pid": os.getpid(), "started": started}),
        pipeline.access_log,
        request_ids,
        pipeline.aws_errors,
        workload_credentials(lambda: roles, workload_token(home)),
        enforcement.layer,
        pipeline.one_at_a_time(lock),
    ]
    application = pipeline.build(Dispatcher(), layers)
    roles = ServiceRoles(Loopback(application), endpoint_url)
    runtime = EndpointRuntime(ArtifactStore(roles), home / "endpoints")
    sagemaker_runtime.apply(runtime)
    try:
        yield application
    finally:
        runtime.close()
