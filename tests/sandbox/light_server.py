"""An inference server without a model, for tests of the processes around it: it starts fast and does what it is told.

The body of a call says what to do: `{"touch": file, "sleep": seconds}` or `{"exit": code}`; it is also the answer.
"""

from __future__ import annotations

import json
import os
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = json.loads(body)
        if "exit" in told:
            os._exit(told["exit"])
        if "touch" in told:
            Path(told["touch"]).touch()
        time.sleep(told.get("sleep", 0))
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(listener: socket.socket) -> None:
    if reason := os.environ.get("REFUSE"):
        print(json.dumps({"event": "model refused", "reason": reason}), flush=True)
        raise SystemExit(3)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler, bind_and_activate=False)
    server.socket = listener
    server.serve_forever()
