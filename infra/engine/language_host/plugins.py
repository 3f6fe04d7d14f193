"""What the hosts of Python have in common when they run plugins."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi.runtime.proto import language_pb2

from infra.engine.language_host.streaming import Stream

#: What the engine calls the kind of plugin that a policy pack is.
POLICY_PACK = "analyzer"


def response_of(stream: Stream, line: bytes) -> language_pb2.RunPluginResponse:
    """What a plugin printed, as the engine is told of it.

    Args:
        stream: Where it printed it.
        line: The line.
    """
    if stream == "stdout":
        return language_pb2.RunPluginResponse(stdout=line)
    return language_pb2.RunPluginResponse(stderr=line)


def environment_of(entries: Iterable[str]) -> dict[str, str]:
    """The environment that a request gives to a plugin, as ``NAME=value`` each."""
    pairs = (entry.partition("=") for entry in entries)
    return {name: value for name, _, value in pairs}
