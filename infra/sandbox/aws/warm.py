"""Loads, ahead of time and once for many runs, what the provider reads from disk: schemas and AWS's service models."""

from __future__ import annotations

import os

from infra.sandbox.aws.invokes import INVOKES
from infra.sandbox.aws.resources import TABLE
from infra.sandbox.aws.schema import cache_folder, load
from infra.sandbox.aws.session import Session


def load_models() -> None:
    """Derive the schemas, if they are not kept yet, and make a client of every service of the table.

    A client's making parses its service's model; no connection is opened. For a process that is forked for each run:
    what is parsed here is shared by all of them.
    """
    load(TABLE, INVOKES, cache_folder(os.environ))
    session = Session({"accessKey": "none", "secretKey": "none"}, "us-east-1")
    for service in sorted({entry.service for entry in TABLE.values()} | {"sts"}):
        session.client(service)
