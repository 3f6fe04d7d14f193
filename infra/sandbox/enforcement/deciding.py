"""Decides everything that one operation needs: who asks each thing, in which context, under which deployed policies.

Sources: IAM User Guide, "AWS global condition context keys", "Forward access sessions", "Policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from infra.evaluator.compiling import MalformedPolicy
from infra.evaluator.decision import Decision, Layer, Verdict
from infra.evaluator.evaluate import evaluate
from infra.evaluator.policies import Applicable
from infra.evaluator.request import ContextValue, Request
from infra.sandbox.enforcement.callers import Identified
from infra.sandbox.enforcement.deployed.applicable import acting, policies_for
from infra.sandbox.enforcement.deployed.endpoints import EndpointRoute, route_through
from infra.sandbox.enforcement.deployed.organization import organization_id
from infra.sandbox.enforcement.refusals import CredentialsRefused
from infra.sandbox.enforcement.requests.operation import Needed
from infra.sandbox.enforcement.requests.services import PREFIXES

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

#: Prefix of actions -> the service whose endpoint a role in a VPC reaches; of two with one prefix, the first.
_SERVICES: dict[str, str] = {prefix: service for service, prefix in reversed(tuple(PREFIXES.items()))}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that a request needs, and what was decided about it.

    Args:
        needed: What.
        actor: Who must be allowed it: the caller, or a role or service that acts for the call.
        context: The context keys that the policies saw.
        policies: The policies.
        verdict: The decision.
    """

    needed: Needed
    actor: Identified
    context: Mapping[str, ContextValue]
    policies: Applicable
    verdict: Verdict


def surroundings(environ: WSGIEnvironment, now: datetime) -> dict[str, ContextValue]:
    """The context keys that a request has whatever it asks for, and whoever asks.

    Args:
        environ: The request.
        now: The time, with a time zone.
    """
    found: dict[str, ContextValue] = {
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": int(now.timestamp()),
        "aws:SourceIp": environ.get("REMOTE_ADDR") or "127.0.0.1",
    }
    for key, header in (("aws:UserAgent", "HTTP_USER_AGENT"), ("aws:Referer", "HTTP_REFERER")):
        if environ.get(header):
            found[key] = environ[header]
    return found


def decide(
    needs: Iterable[Needed],
    identified: Identified,
    around: Mapping[str, ContextValue],
    route: EndpointRoute | None,
) -> tuple[Check, ...]:
    """Every check of a request, also those after a denial, so that a decision can be explained whole.

    Args:
        needs: What the request needs.
        identified: Who makes it.
        around: What `surroundings` says.
        route: The VPC endpoint that it came through.
    """
    return tuple(_check(needed, identified, around, route) for needed in needs)


def _check(
    needed: Needed, identified: Identified, around: Mapping[str, ContextValue], route: EndpointRoute | None
) -> Check:
    actor = acting(identified, needed)
    try:
        through = _route(needed, route)
        policies = policies_for(actor, needed, through)
    except MalformedPolicy as error:
        return _unreadable(needed, actor, f"a deployed policy is none that AWS would have taken: {error}")
    except CredentialsRefused as refused:
        return _unreadable(needed, actor, refused.message)
    context = _context(needed, actor, around, through)
    request = Request(
        principal=actor.caller,
        action=needed.action,
        resource=needed.resource,
        resource_account=needed.resource_account,
        context=context,
    )
    return Check(needed=needed, actor=actor, context=context, policies=policies, verdict=evaluate(request, policies))


def _route(needed: Needed, route: EndpointRoute | None) -> EndpointRoute | None:
    """The way of the principal itself: neither a service's own call nor that of a role takes the caller's."""
    if needed.endpoint is not None:
        prefix = needed.action.partition(":")[0]
        return route_through(needed.endpoint, _SERVICES[prefix], str(needed.context["aws:RequestedRegion"]))
    return None if needed.via or needed.principal else route


def _context(
    needed: Needed, actor: Identified, around: Mapping[str, ContextValue], route: EndpointRoute | None
) -> dict[str, ContextValue]:
    """All keys. A service's call comes from the service's network, one through an endpoint from no public address."""
    context: dict[str, ContextValue] = {**around, **actor.context, **needed.context}
    context.setdefault("aws:ViaAWSService", False)
    organization = organization_id(actor.caller.account)
    if organization:
        context["aws:PrincipalOrgID"] = organization
    if needed.via or needed.principal or route is not None:
        context.pop("aws:SourceIp", None)
    if route is not None:
        context.update(route.context)
    return context


def _unreadable(needed: Needed, actor: Identified, reason: str) -> Check:
    verdict = Verdict(Decision.IMPLICITLY_DENIED, Layer.RESOURCE, reason)
    return Check(needed=needed, actor=actor, context=needed.context, policies=Applicable(), verdict=verdict)
