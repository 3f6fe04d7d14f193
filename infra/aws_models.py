"""AWS's service models as botocore has them: parsed once a process, and shared by all of its sessions.

A session of boto3 parses the models of the services that it is asked for, and a list of all endpoints, which costs more
than most of the calls made by it. What a warm process has parsed, those forked from it have as well.
"""

from __future__ import annotations

from pathlib import Path

import boto3
import botocore.session
from botocore.loaders import Loader
from typing_extensions import override


class _SharedModels(Loader):
    """A loader that many sessions share: each session of boto3 adds a folder to what it is given, always the same."""

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[str(Path(boto3.__file__).parent / "data")])

    @property
    @override
    def search_paths(self) -> list[str]:
        """A copy, so that what is added to it is not kept a second time."""
        return list(super().search_paths)


#: The models; only ever added to, so that any thread may use them.
MODELS: Loader = _SharedModels()

#: The services that operations on tenants talk to.
_SERVICES = ("ec2", "iam", "kms", "logs", "s3", "sagemaker", "sagemaker-runtime", "service-quotas", "sts")


def core_session(profile: str | None = None) -> botocore.session.Session:
    """A session of botocore that shares the models; for ``boto3.Session(botocore_session=...)``.

    Args:
        profile: The name of a profile of AWS's configuration files.
    """
    core = botocore.session.Session(profile=profile)
    core.register_component("data_loader", MODELS)
    return core


def load_models() -> None:
    """Parse what operations on tenants need; no connection is opened."""
    core = core_session()
    for service in _SERVICES:
        core.create_client(service, "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")  # noqa: S106  # pyright: ignore[reportUnknownMemberType]
