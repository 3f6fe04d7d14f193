"""The floor that onboarding is measured against: a provider that has nothing to do, and answers every call at once.

It is attached to programs as the offline provider is: same protocol, same process, same number of resources.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from typing_extensions import override

from infra.sandbox.aws.schema import sdk_version

_THREADS = 32
#: What a flat program refers to other resources by (`bench.flat`); each is in the state of every resource.
_REFERRED = ("arn", "name", "bucket", "url", "prefixListId", "repositoryUrl")
_serving: list[grpc.Server] = []


def serve() -> int:
    """Serve inside this process until it ends, and return the port."""
    server = cast("Any", grpc).server(ThreadPoolExecutor(_THREADS))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(NoOpServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    _serving.append(server)  # a server that nobody refers to is stopped
    return port


class NoOpServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Takes any configuration and any resource."""

    @override
    def Handshake(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ProviderHandshakeResponse:
        """Agree on the protocol."""
        return provider_pb2.ProviderHandshakeResponse()

    @override
    def Attach(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Accept any engine."""
        return empty_pb2.Empty()

    @override
    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Nothing is under way."""
        return empty_pb2.Empty()

    @override
    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version that the programs' SDK asks for."""
        return plugin_pb2.PluginInfo(version=sdk_version())

    @override
    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Take any configuration."""
        return provider_pb2.CheckResponse(inputs=request.news)

    @override
    def Configure(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ConfigureResponse:
        """Take any configuration."""
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @override
    def Check(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Take any inputs."""
        return provider_pb2.CheckResponse(inputs=request.news)

    @override
    def Create(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """A resource whose state is its inputs, and what others may refer to."""
        name = request.urn.rpartition("::")[2]
        state = struct_pb2.Struct()
        state.update(dict.fromkeys(_REFERRED, name))
        state.MergeFrom(request.properties)
        return provider_pb2.CreateResponse(id=name, properties=state)

    @override
    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Nothing is there to be deleted."""
        return empty_pb2.Empty()
