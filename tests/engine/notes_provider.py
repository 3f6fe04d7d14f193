"""A provider for the tests of the engine: notes in a folder stand for a cloud.

Each note is a file named by a random id, so that a note that is made twice is seen. A note whose input ``hold`` is
``before`` or ``after`` waits before or after it is written, until the test removes the gate; that makes the moment at
which a run is killed certain.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import ResourceProviderServicer, plugin_pb2, provider_pb2, provider_pb2_grpc

GATE = "gate"


class NotesCloud:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def notes(self) -> dict[str, dict[str, Any]]:
        """Id -> content of every note that exists."""
        return {path.stem: json.loads(path.read_text()) for path in sorted(self.folder.glob("*.note"))}

    def write(self, note: str, content: Mapping[str, Any]) -> None:
        """Make or change a note, as a whole."""
        temporary = self.folder / f"{note}.new"
        temporary.write_text(json.dumps(dict(content)))
        temporary.replace(self.folder / f"{note}.note")

    def delete(self, note: str) -> None:
        (self.folder / f"{note}.note").unlink(missing_ok=True)

    def find(self, type: str, inputs: Mapping[str, Any]) -> str | None:  # noqa: A002 - as the protocol has it
        """The finder of the tests: a note by its name; with several, the one with that text."""
        if type != "notes:index:Note":
            raise LookupError(f"unknown type {type}")
        named = {key: note for key, note in self.notes().items() if note["name"] == inputs["name"]}
        exact = [key for key, note in named.items() if note["text"] == inputs["text"]]
        return (exact or list(named) or [None])[0]

    def find_made_since(self, type: str, inputs: Mapping[str, Any], since: datetime) -> str | None:  # noqa: A002
        """By the time of the note's file."""
        found = self.find(type, inputs)
        made = None if found is None else (self.folder / f"{found}.note").stat().st_mtime
        return found if made is not None and made >= since.timestamp() else None

    def hold(self, phase: str, inputs: Mapping[str, Any]) -> None:
        """Tell the test that the phase is reached, and wait while the gate is there."""
        if inputs.get("hold") != phase:
            return
        (self.folder / f"reached-{inputs['name']}").touch()
        while (self.folder / GATE).exists():
            time.sleep(0.01)


class NotesProvider(ResourceProviderServicer):
    def __init__(self, cloud: NotesCloud) -> None:
        self._cloud = cloud

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        del request, context
        return empty_pb2.Empty()

    def Handshake(  # noqa: N802
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        del request, context
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        del request, context
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        del context
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        del request, context
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        del request, context
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        del context
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        del context
        olds, news = plain(request.olds), plain(request.news)
        changed = [key for key in ("name", "text") if olds.get(key) != news.get(key)]
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=[key for key in changed if key == "name" or news["text"].startswith("!")],
        )

    def Create(  # noqa: N802
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        inputs = plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        if inputs.get("text") == "refused":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the cloud refuses {inputs['name']}")
        self._cloud.hold("before", inputs)
        note = uuid.uuid4().hex
        self._cloud.write(note, inputs)
        self._cloud.hold("after", inputs)
        return provider_pb2.CreateResponse(id=note, properties=request.properties)

    def Read(  # noqa: N802
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        del context
        content = self._cloud.notes().get(request.id)
        if content is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=struct(content), inputs=struct(content))

    def Update(  # noqa: N802
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        del context
        inputs = plain(request.news)
        if not request.preview:
            self._cloud.hold("before", inputs)
            self._cloud.write(request.id, inputs)
            self._cloud.hold("after", inputs)
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        del context
        inputs = plain(request.properties)
        self._cloud.delete(request.id)
        self._cloud.hold("delete", inputs)
        return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        del request, context
        return empty_pb2.Empty()


def plain(properties: struct_pb2.Struct) -> dict[str, Any]:
    return json_format.MessageToDict(properties)


def struct(content: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(content), struct_pb2.Struct())


_SERVERS: list[grpc.Server] = []


def serve() -> int:
    """Serve in this process and return the port; the folder is that of NOTES_CLOUD."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8))  # pyright: ignore[reportUnknownMemberType]
    provider = NotesProvider(NotesCloud(Path(os.environ["NOTES_CLOUD"])))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    _SERVERS.append(server)
    return port


if __name__ == "__main__":
    sys.stdout.write(f"{serve()}\n")
    sys.stdout.flush()
    _SERVERS[0].wait_for_termination()
