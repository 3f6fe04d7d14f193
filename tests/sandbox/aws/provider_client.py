"""Speaks to the provider as the engine does, one request at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from infra.sandbox.aws.wire import Properties, from_struct, to_struct


@dataclass
class Provider:
    """One connection to the provider, as the engine has one for each provider resource."""

    stub: Any
    channel: grpc.Channel

    @classmethod
    def connect(cls, port: int) -> Provider:
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)])
        return cls(provider_pb2_grpc.ResourceProviderStub(channel), channel)

    def configure(self, config: dict[str, str]) -> None:
        """Configure with stack configuration ("aws:region": ...)."""
        args = {key.removeprefix("aws:"): value for key, value in config.items()}
        self.stub.Configure(provider_pb2.ConfigureRequest(args=to_struct(args)))

    def check(self, token: str, name: str, inputs: Properties, old: Properties | None = None) -> tuple[Properties, str]:
        """Return the checked inputs and the failures, one a line."""
        request = provider_pb2.CheckRequest(urn=urn(token, name), news=to_struct(inputs), olds=to_struct(old or {}))
        answer = self.stub.Check(request)
        return from_struct(answer.inputs), "\n".join(failure.reason for failure in answer.failures)

    def diff(self, token: str, old: Properties, new: Properties, state: Properties | None = None) -> Any:
        """Return the provider's difference between checked inputs."""
        request = provider_pb2.DiffRequest(
            id="x", urn=urn(token, "x"), old_inputs=to_struct(old), news=to_struct(new), olds=to_struct(state or old)
        )
        return self.stub.Diff(request)

    def create(self, token: str, inputs: Properties, *, preview: bool = False) -> tuple[str, Properties]:
        """Return the id and the state."""
        request = provider_pb2.CreateRequest(urn=urn(token, "x"), properties=to_struct(inputs), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, from_struct(answer.properties)

    def read(self, token: str, id_: str, state: Properties | None = None, inputs: Properties | None = None) -> Any:
        """Return the answer to a read; without state and inputs, as for an import."""
        request = provider_pb2.ReadRequest(
            id=id_, urn=urn(token, "x"), properties=to_struct(state or {}), inputs=to_struct(inputs or {})
        )
        return self.stub.Read(request)

    def update(
        self, token: str, id_: str, old_inputs: Properties, old_state: Properties, inputs: Properties
    ) -> Properties:
        """Return the state after an update."""
        request = provider_pb2.UpdateRequest(
            id=id_,
            urn=urn(token, "x"),
            olds=to_struct(old_state),
            news=to_struct(inputs),
            old_inputs=to_struct(old_inputs),
        )
        return from_struct(self.stub.Update(request).properties)

    def delete(self, token: str, id_: str, state: Properties) -> None:
        """Delete the resource."""
        self.stub.Delete(provider_pb2.DeleteRequest(id=id_, urn=urn(token, "x"), properties=to_struct(state)))

    def invoke(self, token: str, args: Properties) -> tuple[Properties, str]:
        """Return the function's answer and the failures, one a line."""
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(args)))
        return from_struct(getattr(answer, "return")), "\n".join(failure.reason for failure in answer.failures)


def urn(token: str, name: str) -> str:
    """Return the URN of a resource in the tests' stack."""
    return f"urn:pulumi:test::contract::{token}::{name}"
