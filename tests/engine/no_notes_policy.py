"""A policy pack, as small as the protocol allows: it forbids one note."""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

POLICY = "no-forbidden-notes"


class Pack(analyzer_pb2_grpc.AnalyzerServicer):
    def Handshake(  # noqa: N802
        self, request: analyzer_pb2.AnalyzerHandshakeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerHandshakeResponse:
        del request, context
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def ConfigureStack(  # noqa: N802
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        del request, context
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        del request, context
        return plugin_pb2.PluginInfo(version="1.0.0")

    def GetAnalyzerInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerInfo:
        del request, context
        policy = analyzer_pb2.PolicyInfo(name=POLICY, enforcementLevel=analyzer_pb2.MANDATORY)
        return analyzer_pb2.AnalyzerInfo(name="no-notes", version="1.0.0", policies=[policy])

    def Configure(  # noqa: N802
        self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        del request, context
        return empty_pb2.Empty()

    def Remediate(  # noqa: N802
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.RemediateResponse:
        del request, context
        return analyzer_pb2.RemediateResponse()

    def Analyze(  # noqa: N802
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        del context
        if request.name != "forbidden":
            return analyzer_pb2.AnalyzeResponse()
        violation = analyzer_pb2.AnalyzeDiagnostic(
            policyName=POLICY,
            policyPackName="no-notes",
            policyPackVersion="1.0.0",
            message="no note may be called forbidden",
            enforcementLevel=analyzer_pb2.MANDATORY,
        )
        return analyzer_pb2.AnalyzeResponse(diagnostics=[violation])

    def AnalyzeStack(  # noqa: N802
        self, request: analyzer_pb2.AnalyzeStackRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        del request, context
        return analyzer_pb2.AnalyzeResponse()


server = grpc.server(ThreadPoolExecutor())  # pyright: ignore[reportUnknownMemberType]
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Pack(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
sys.stdout.write(f"{port}\n")
sys.stdout.flush()
server.wait_for_termination()
