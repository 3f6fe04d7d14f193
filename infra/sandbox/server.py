"""The process of the embedded cloud: `python -P -m infra.sandbox.server`, started by `Sandbox.up`.

It leaves its starter's session, takes the home folder's server lock, writes the pid file, says "ready" on its standard
output and serves until SIGTERM. Moto reads its settings from the environment when it is imported: see `settings`.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Generator
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from infra.sandbox.credentials import access_key
from infra.sandbox.record import ServerRecord, read_record, write_record

READY = b"ready\n"
LOG_BYTES = 2_000_000
LOG_FILES = 3


def moto_settings(port: int) -> dict[str, str]:
    """Moto's own settings (moto documentation, "Environment Variables") for a server process."""
    return {
        "MOTO_PORT": str(port),
        "MOTO_DISABLE_GLOBAL_CORS": "true",
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
    }


def main() -> None:
    """Runs the server until it is told to stop."""
    parser = argparse.ArgumentParser(prog="infra.sandbox.server", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the sandbox's folder")
    parser.add_argument("--listener", type=int, required=True, help="file descriptor of the bound socket")
    parser.add_argument("--instance", required=True, help="uuid of the cloud that this process will be")
    arguments = parser.parse_args()
    if os.fork():
        os._exit(0)  # the starter waits for this process only, so that the server never becomes its zombie
    os.setsid()
    with _sole_server(arguments.home), socket.socket(fileno=arguments.listener) as listener:
        _serve(arguments.home, listener, arguments.instance)


@contextlib.contextmanager
def _sole_server(home: Path) -> Generator[None]:
    lock = FileLock(home / "server.lock", timeout=10)
    try:
        lock.acquire()
    except Timeout:
        sys.exit("another server process of this folder is still running")
    with lock:
        yield


def _serve(home: Path, listener: socket.socket, instance: str) -> None:
    log_to(home / "server.log")
    log = logging.getLogger("sandbox")
    port = int(listener.getsockname()[1])
    # Imported here, when the process is on its own: moto takes most of the start-up time.
    from infra.sandbox import cloud, wsgi_server  # noqa: PLC0415

    started = datetime.now(UTC).isoformat(timespec="seconds")
    with cloud.embedded_cloud(
        instance=instance,
        started=started,
        endpoint_url=f"http://127.0.0.1:{port}",
        home=home,
        key=access_key(home / "credentials.json"),
    ) as application:
        server = wsgi_server.make_server(application, listener)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        write_record(home / "server.json", ServerRecord(pid=os.getpid(), port=port, instance=instance, started=started))
        log.info("serving cloud %s on 127.0.0.1:%d", instance, port)
        os.write(sys.stdout.fileno(), READY)
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), sys.stdout.fileno())
        try:
            server.run()
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            _forget(home / "server.json", instance)
            log.info("stopped")


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    sys.exit(0)


def _forget(path: Path, instance: str) -> None:
    record = read_record(path)
    if record and record.instance == instance:
        path.unlink(missing_ok=True)


def log_to(path: Path) -> None:
    """Sends the logs of this process to a file that is rotated: `LOG_FILES` of at most `LOG_BYTES` each."""
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(capture=True)
    for noisy in ("botocore", "boto3", "urllib3", "waitress.queue"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


if __name__ == "__main__":
    main()
