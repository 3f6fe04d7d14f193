"""The pack as the language host starts it, asked by the engine's protocol."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from infra.engine.settings import inherited_environment
from infra.settings import ROOT

PACK = ROOT / "infra" / "policy_pack"
_STACK = "urn:pulumi:dev::somebodys"


class Served:
    """A pack that runs.

    Args:
        channel: To its server.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub: Any = analyzer_pb2_grpc.AnalyzerStub(channel)
        info: Any = self._stub.GetAnalyzerInfo(empty_pb2.Empty())
        self.policies: Mapping[str, Any] = {policy.name: policy for policy in info.policies}

    def configure(self, **policies: tuple[int, Mapping[str, Any]]) -> None:
        """Configure policies, by name: the level and the properties; all others get their defaults."""
        request: Any = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, policy in self.policies.items():
            level, properties = policies.get(name.replace("-", "_"), (policy.enforcementLevel, {}))
            request.policyConfig[name].enforcementLevel = level
            request.policyConfig[name].properties.update(properties)
        self._stub.Configure(request)

    def analyze(self, token: str, properties: Mapping[str, Any], stack: str = _STACK) -> list[tuple[str, int, str]]:
        """What the pack says of a resource: the policy, the level and the message of each violation."""
        request = analyzer_pb2.AnalyzeRequest(type=token, urn=f"{stack}::{token}::it", name="it")
        request.properties.update(properties)
        return _violations(self._stub.Analyze(request))

    def analyze_stack(self, resources: Mapping[str, tuple[str, Mapping[str, Any]]]) -> list[tuple[str, int, str]]:
        """What the pack says of a stack: name to type and outputs of its resources."""
        request = analyzer_pb2.AnalyzeStackRequest()
        for name, (token, properties) in resources.items():
            added = request.resources.add(type=token, urn=f"{_STACK}::{token}::{name}", name=name)
            added.properties.update(properties)
            added.provider.type, added.provider.urn = "pulumi:providers:aws", f"{_STACK}::pulumi:providers:aws::aws"
            added.provider.properties.update({"region": "eu-central-1"})
        return _violations(self._stub.AnalyzeStack(request))


def _violations(response: Any) -> list[tuple[str, int, str]]:
    return [(each.policyName, each.enforcementLevel, each.message) for each in response.diagnostics]


@contextmanager
def served(**environment: str) -> Generator[Served]:
    """Start the pack in an environment of its own, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)],
        env={**inherited_environment(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Served(channel)
    finally:
        process.kill()
        process.wait()
