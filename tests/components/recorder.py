"""Runs a program without an engine and records what it registers: fast, for what a component says.

What the engine makes of it (order, diffs, replacement) is tested on the real engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.settings import reset_options

#: What a recorded provider answers to an invoke: its arguments to its result; it may raise `InvokeRefused`.
Invoke = Callable[[Mapping[str, Any]], Mapping[str, Any]]


#: What AWS adds to a resource and our components read.
_COMPUTED: Mapping[str, Mapping[str, Any]] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"dnsEntries": [{"dnsName": "vpce-1.example"}], "prefixListId": "pl-1"},
}


class InvokeRefused(Exception):
    """The provider refuses an invoke, as it does when AWS answers with an error."""


@dataclass(frozen=True)
class Registered:
    """One resource as the program registered it: properties in camelCase, as the engine sees them."""

    type: str
    name: str
    inputs: Mapping[str, Any]


@dataclass
class Recorder(Mocks):
    """A stand-in for the engine: resources get an id and an ARN, and their inputs as outputs."""

    invokes: Mapping[str, Invoke] = field(default_factory=dict[str, Invoke])
    computed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    resources: list[Registered] = field(default_factory=list[Registered])

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = cast("dict[str, Any]", args.inputs)
        self.resources.append(Registered(args.typ, args.name, dict(inputs)))
        return f"{args.name}-id", {"arn": f"arn:of:{args.name}", **_COMPUTED.get(args.typ, {}), **inputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        try:
            return dict(self.invokes[args.token](cast("dict[str, Any]", args.args))), []
        except InvokeRefused as refusal:
            return {}, [("", str(refusal))]

    def of(self, kind: str) -> list[Registered]:
        """The resources whose type token ends in `kind`, for example ``sagemaker/model:Model``."""
        return [resource for resource in self.resources if resource.type.endswith(kind)]

    def one(self, kind: str) -> Mapping[str, Any]:
        """The inputs of the only resource of the kind."""
        (resource,) = self.of(kind)
        return resource.inputs


def record(
    program: Callable[[], None],
    invokes: Mapping[str, Invoke] | None = None,
    computed: Mapping[str, Mapping[str, Any]] | None = None,
) -> Recorder:
    """Run the program to its end and return what it registered.

    Args:
        program: Registers resources.
        invokes: A function's token to its answer.
        computed: A type token to the outputs that AWS would compute for each resource of the type.
    """
    recorder = Recorder(invokes or {}, computed or {})
    with _fresh_loop():
        # What a failed program left unfinished would fail this one.
        reset_options()
        pulumi.runtime.set_mocks(recorder, project="bulkhead-tenants", stack="acme", organization="organization")
        cast("Callable[[Callable[[], None]], Callable[[], None]]", pulumi.runtime.test)(program)()
    return recorder


@contextmanager
def _fresh_loop() -> Generator[None]:
    """An event loop of the program's own. A program that failed leaves failed tasks behind, which nobody has to see."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_ignore)
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        abandoned = asyncio.all_tasks(loop)
        for task in abandoned:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*abandoned, return_exceptions=True))
        loop.close()
        asyncio.set_event_loop(None)


def _ignore(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    del loop, context
