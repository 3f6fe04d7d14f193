"""Pulumi's provider protocol (`pulumirpc.ResourceProvider`) over the table: one method a request, each in a thread."""

import json
import os
import re
import threading
from collections.abc import Mapping
from typing import Any, NoReturn

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from typing_extensions import override

from infra.sandbox.aws import lifecycle
from infra.sandbox.aws.check import check
from infra.sandbox.aws.configuration import check_configuration, decode, open_session
from infra.sandbox.aws.diff import difference
from infra.sandbox.aws.entry import Resource
from infra.sandbox.aws.errors import ProviderError, describe, nearest
from infra.sandbox.aws.invokes import INVOKES
from infra.sandbox.aws.observed import observed_inputs
from infra.sandbox.aws.plan import Plan
from infra.sandbox.aws.replies import check_reply, diff_reply, half_created
from infra.sandbox.aws.schema import Schemas, sdk_version
from infra.sandbox.aws.session import Session
from infra.sandbox.aws.wire import UNKNOWN, Properties, from_struct, has_unknown, to_struct

_ELSEWHERE = re.compile(r"(?P<id>.+)@(?P<region>[a-z]{2}(-[a-z]+)+-\d)")


class AwsServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves every provider instance of an engine.

    When the provider is attached, the engine opens a connection for each of its provider resources to this one server,
    and requests do not say which of them they are for: the connection does.
    """

    def __init__(self, table: Mapping[str, Resource], schemas: Schemas) -> None:
        """Serve the entries of the table, by token, with the schemas of their types."""
        self._table = table
        self._schemas = schemas
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._by_connection: dict[str, Session] = {}
        self._plans: dict[tuple[Session, str], Plan] = {}

    @override
    def Handshake(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ProviderHandshakeResponse:
        """Agree on the protocol: secrets are kept by the engine."""
        return provider_pb2.ProviderHandshakeResponse()

    @override
    def Attach(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Accept an engine that found us by PULUMI_DEBUG_PROVIDERS."""
        return empty_pb2.Empty()

    @override
    def Cancel(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Do nothing: calls to AWS in progress are left to finish, so that their results are recorded."""
        return empty_pb2.Empty()

    @override
    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Return the version of the SDK that we stand in for."""
        return plugin_pb2.PluginInfo(version=sdk_version())

    @override
    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Check the configuration's names and types."""
        given = from_struct(request.news)
        return check_reply(given, check_configuration(self._schemas, decode(self._schemas, given)))

    @override
    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Say that another configuration is an update of the provider, and another region a replacement."""
        old, new = from_struct(request.old_inputs or request.olds), from_struct(request.news)
        changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name) and not name.startswith("__"))
        response = provider_pb2.DiffResponse
        return response(
            diffs=changed,
            replaces=[name for name in changed if name == "region"],
            changes=response.DIFF_SOME if changed else response.DIFF_NONE,
        )

    @override
    def Configure(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ConfigureResponse:
        """Open (or find) the session for this connection's configuration."""
        settings = decode(self._schemas, from_struct(request.args))
        failures = check_configuration(self._schemas, settings)
        if failures:
            key, reason = failures[0]
            _fail(context, f"aws:{key}: {reason}", grpc.StatusCode.INVALID_ARGUMENT)
        environment = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        key = json.dumps([settings, environment], sort_keys=True)
        with self._lock:
            try:
                session = self._sessions.get(key) or open_session(settings, environment)
            except (ProviderError, BotoCoreError) as error:
                _fail(context, str(error), grpc.StatusCode.INVALID_ARGUMENT)
            self._sessions[key] = self._by_connection[context.peer()] = session
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @override
    def Check(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Check a resource's inputs."""
        plan = self._plan(request.urn, context)
        old, new = from_struct(request.olds), from_struct(request.news)
        inputs, failures = check(plan, _name(request.urn), old, new, request.randomSeed)
        return check_reply(inputs, failures)

    @override
    def Diff(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Say what differs and whether it is an update or a replacement."""
        plan = self._plan(request.urn, context)
        old, new, state = from_struct(request.old_inputs), from_struct(request.news), from_struct(request.olds)
        for path in request.ignoreChanges:
            if path in old:
                new[path] = old[path]
            else:
                new.pop(path, None)
        return diff_reply(difference(plan, old, state, new))

    @override
    def Create(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create the resource, or say what creating it would give."""
        plan, inputs = self._plan(request.urn, context), from_struct(request.properties)
        if request.preview or has_unknown(inputs):
            return provider_pb2.CreateResponse(properties=to_struct(lifecycle.preview(plan, inputs, UNKNOWN)))
        try:
            id_, state = lifecycle.create(plan, inputs)
        except lifecycle.HalfCreatedError as error:
            context.abort_with_status(half_created(error, inputs, _prefix(request.urn, "creating")))
        except (BotoCoreError, ClientError, ProviderError) as error:
            _abort(context, request.urn, "creating", error)
        return provider_pb2.CreateResponse(id=id_, properties=to_struct(state))

    @override
    def Read(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Return the resource's real state and inputs; an empty id if it does not exist."""
        plan = self._plan(request.urn, context)
        inputs, known = from_struct(request.inputs), from_struct(request.properties)
        id_, elsewhere = (request.id, {}) if known else _located(request.id)
        try:
            state = lifecycle.read(plan, id_, {**elsewhere, **inputs, **known})
        except (BotoCoreError, ClientError, ProviderError) as error:
            _abort(context, request.urn, "reading", error)
        if state is None:
            return provider_pb2.ReadResponse()
        observed = observed_inputs(plan, inputs, state)
        return provider_pb2.ReadResponse(id=id_, properties=to_struct(state), inputs=to_struct(observed))

    @override
    def Update(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Update the resource, or say what updating it would give."""
        plan, inputs = self._plan(request.urn, context), from_struct(request.news)
        old = from_struct(request.olds)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct(lifecycle.preview(plan, inputs, UNKNOWN, old)))
        try:
            state = lifecycle.update(plan, request.id, from_struct(request.old_inputs), old, inputs)
        except (BotoCoreError, ClientError, ProviderError) as error:
            _abort(context, request.urn, "updating", error)
        return provider_pb2.UpdateResponse(properties=to_struct(state))

    @override
    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete the resource."""
        plan = self._plan(request.urn, context)
        state = {**from_struct(request.old_inputs), **from_struct(request.properties)}
        try:
            lifecycle.delete(plan, request.id, state)
        except (BotoCoreError, ClientError, ProviderError) as error:
            _abort(context, request.urn, "deleting", error)
        return empty_pb2.Empty()

    @override
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answer a function (a data source)."""
        function = INVOKES.get(request.tok)
        if function is None:
            _fail(context, f"the offline AWS provider has no function {request.tok}; {nearest(request.tok, INVOKES)}")
        args = from_struct(request.args)
        failures = function.problems(self._schemas[request.tok]["inputs"], args)
        if failures:
            return provider_pb2.InvokeResponse(failures=check_reply({}, failures).failures)
        try:
            found: Properties = function.run(self._session(context), args)
        except (BotoCoreError, ClientError, ProviderError) as error:
            message = str(error) if isinstance(error, ProviderError) else describe(error)
            _fail(context, f"{request.tok}: {message}")
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(found))  # "return" is a word of Python
        return response

    def _session(self, context: grpc.ServicerContext) -> Session:
        own = self._by_connection.get(context.peer())
        if own is not None:
            return own
        # An idle connection is made anew, under another address; that is unambiguous while there is one configuration.
        sessions = list(self._sessions.values())
        if len(sessions) != 1:
            _fail(context, "the provider is not configured on this connection")
        return sessions[0]

    def _plan(self, urn: str, context: grpc.ServicerContext) -> Plan:
        token = urn.split("::")[2].rpartition("$")[2]
        entry = self._table.get(token)
        if entry is None:
            _fail(context, f"the offline AWS provider has no resource type {token}; {nearest(token, self._table)}")
        session = self._session(context)
        plan = self._plans.get((session, token))
        if plan is None:
            plan = self._plans[session, token] = Plan(session, entry, self._schemas[token])
        return plan


def _located(id_: str) -> tuple[str, Properties]:
    """Return the id and the region of an import: version 7 takes "id@region" for a resource elsewhere."""
    found = _ELSEWHERE.fullmatch(id_)
    return (found["id"], {"region": found["region"]}) if found else (id_, {})


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _prefix(urn: str, verb: str) -> str:
    return f"{verb} {urn.split('::')[2].rpartition('$')[2]} {_name(urn)!r}"


def _abort(context: grpc.ServicerContext, urn: str, verb: str, error: Exception) -> NoReturn:
    text = describe(error) if isinstance(error, BotoCoreError | ClientError) else str(error)
    _fail(context, f"{_prefix(urn, verb)}: {text}")


def _fail(context: grpc.ServicerContext, message: str, status: grpc.StatusCode = grpc.StatusCode.UNKNOWN) -> NoReturn:
    context.abort(status, message)
    raise AssertionError  # abort always raises; its type does not say so
