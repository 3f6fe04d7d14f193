"""The part of Pulumi's LanguageRuntime service that does not depend on where a program runs.

Source: the protocol's definition, ``pulumi/language.proto`` (Pulumi developer documentation, "Language runtimes").
"""

from __future__ import annotations

import platform
import sys
from abc import abstractmethod
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import LanguageRuntimeServicer, language_pb2, plugin_pb2

from infra.engine.language_host.program import ProgramRun

#: gRPC's own limit of 4 MB is too small for large stacks; this is the engine's.
MAX_MESSAGE_BYTES = 400 * 1024 * 1024
GRPC_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
)


class PythonRuntime(LanguageRuntimeServicer):
    """Answers what any host of Python programs answers; subclasses say how a program is run."""

    @abstractmethod
    def execute(self, run: ProgramRun, request: language_pb2.RunRequest) -> language_pb2.RunResponse:
        """Run a program to its end.

        Args:
            run: The program and its settings.
            request: The engine's request, for what only some hosts need.
        """

    def Handshake(  # noqa: N802 - the protocol's name
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Accept any engine: nothing of it is needed before a run."""
        del request, context
        return language_pb2.LanguageHandshakeResponse()

    def About(  # noqa: N802
        self, request: language_pb2.AboutRequest, context: grpc.ServicerContext
    ) -> language_pb2.AboutResponse:
        """Name the interpreter."""
        del request, context
        return language_pb2.AboutResponse(executable=sys.executable, version=platform.python_version())

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        """Tell the engine nothing: the host has no version of its own."""
        del request, context
        return plugin_pb2.PluginInfo()

    def GetRequiredPlugins(  # noqa: N802
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        """Require nothing up front: the engine finds a plugin when the first resource asks for it."""
        del request, context
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(  # noqa: N802
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Require nothing up front, as `GetRequiredPlugins`."""
        del request, context
        return language_pb2.GetRequiredPackagesResponse()

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:  # noqa: N802
        """Run the program that the engine names."""
        del context
        return self.execute(program_run(request), request)


def program_run(request: language_pb2.RunRequest) -> ProgramRun:
    """The engine's request as plain data; ``main`` of Pulumi.yaml has become program directory and entry point."""
    directory = Path(request.info.program_directory or request.pwd)
    entry_point = request.info.entry_point or "."
    return ProgramRun(
        program=directory if entry_point == "." else directory / entry_point,
        project=request.project,
        stack=request.stack,
        organization=request.organization or "organization",
        root_directory=request.info.root_directory or request.pwd,
        monitor_address=request.monitor_address,
        engine_address=request.args[0] if request.args else "",
        parallel=request.parallel,
        preview=request.dryRun,
        config=dict(request.config),
        secret_keys=tuple(request.configSecretKeys),
    )
