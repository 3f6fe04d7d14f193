"""`pulumi-language-python` for places where the official one cannot be had: programs and plugins as subprocesses."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2

from infra.engine.language_host import bootstrap
from infra.engine.language_host.interpreter import install_commands, installed_packages, interpreter
from infra.engine.language_host.plugins import POLICY_PACK, environment_of, response_of
from infra.engine.language_host.program import ProgramRun
from infra.engine.language_host.servicer import PythonRuntime
from infra.engine.language_host.streaming import stream
from infra.errors import UserError


class LanguageHost(PythonRuntime):
    """Runs each program in a process of its own, with the interpreter that its project names."""

    def execute(self, run: ProgramRun, request: language_pb2.RunRequest) -> language_pb2.RunResponse:
        """Run the program in a subprocess whose output is the host's own, which the engine shows."""
        try:
            python = interpreter(request.info)
        except UserError as error:
            return language_pb2.RunResponse(error=str(error))
        command = bootstrap.command(python, "infra.engine.language_host.subprocess_program")
        finished = subprocess.run(
            command, input=bootstrap.encode(run), cwd=request.pwd, env=dict(os.environ), check=False
        )
        if finished.returncode == bootstrap.REPORTED:
            return language_pb2.RunResponse(bail=True)
        if finished.returncode != 0:
            return language_pb2.RunResponse(error=f"the program exited with code {finished.returncode}")
        return language_pb2.RunResponse()

    def GetProgramDependencies(  # noqa: N802 - the protocol's name
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """List the packages beside the program's interpreter, for ``pulumi about``."""
        del context
        packages = installed_packages(interpreter(request.info))
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=version) for name, version in packages]
        )

    def InstallDependencies(  # noqa: N802
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Make the project's virtual environment, for ``pulumi install``."""
        directory = Path(request.info.program_directory or request.directory)
        for command in install_commands(request.info, directory):
            for item in stream(command, cwd=str(directory), environment=os.environ):
                if isinstance(item, int):
                    if item != 0:
                        context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{' '.join(command)} exited with {item}")
                elif item[0] == "stdout":
                    yield language_pb2.InstallDependenciesResponse(stdout=item[1])
                else:
                    yield language_pb2.InstallDependenciesResponse(stderr=item[1])

    def RunPlugin(  # noqa: N802
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a plugin that is written in Python; its output and exit code go to the engine.

        A policy pack is started as the official host starts it: by the SDK, which tells the engine of its errors.
        """
        del context
        environment = {**os.environ, **environment_of(request.env)}
        directory = Path(request.info.program_directory or request.program)
        entry_point = request.info.entry_point or "."
        program = directory if entry_point == "." else directory / entry_point
        command = [interpreter(request.info), "-u", str(program), *request.args]
        if request.kind == POLICY_PACK:
            # -P keeps the folder of the program that is being judged off the pack's path.
            command = [command[0], "-P", "-u", "-m", "pulumi.policy", *request.args, str(program)]
        for item in stream(command, cwd=request.pwd or str(directory), environment=environment):
            if isinstance(item, int):
                yield language_pb2.RunPluginResponse(exitcode=item)
            else:
                yield response_of(*item)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        """Do nothing: the engine stops answering a cancelled program, which ends it."""
        del request, context
        return empty_pb2.Empty()
