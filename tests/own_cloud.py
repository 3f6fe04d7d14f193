"""An embedded cloud whose server runs below a layer that only tests have."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, cast

from infra.sandbox import Sandbox
from infra.sandbox.credentials import access_key
from infra.sandbox.record import SERVER_MODULE
from infra.sandbox.sandbox import INHERITED
from infra.sandbox.server import READY, moto_settings
from infra.settings import ROOT


def start(home: Path, layer: str) -> Sandbox:
    """Start an empty cloud in a folder; `Sandbox.down` stops it as any other.

    Args:
        home: The folder, which is not there yet.
        layer: The module that runs the server with a layer of the test's own.
    """
    home.mkdir(mode=0o700, parents=True)
    access_key(home / "credentials.json")
    (home / "aws-config").write_text("[default]\n")
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener, (home / "startup.log").open("wb") as errors:
        listener.set_inheritable(True)
        arguments = ["--home", str(home), "--listener", str(listener.fileno()), "--instance", str(uuid.uuid4())]
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        with subprocess.Popen(
            [sys.executable, "-m", layer, SERVER_MODULE, *arguments],
            cwd=ROOT,
            env=inherited | moto_settings(int(listener.getsockname()[1])),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            pass_fds=[listener.fileno()],
        ) as launcher:
            said = cast("Any", launcher.stdout).read(len(READY))
    assert said == READY, (home / "startup.log").read_text()
    return Sandbox(home)
