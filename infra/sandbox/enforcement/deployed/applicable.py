"""Gathers for one thing that a request needs everything that AWS would look at.

Source: IAM User Guide, "Policy evaluation logic".
"""

from __future__ import annotations

from infra.evaluator.policies import Applicable
from infra.sandbox.enforcement.callers import Identified, of_role, of_service
from infra.sandbox.enforcement.deployed.endpoints import EndpointRoute
from infra.sandbox.enforcement.deployed.grants import grants_of
from infra.sandbox.enforcement.deployed.identities import (
    boundary_policy,
    holder_of,
    identity_policies,
    session_policies,
)
from infra.sandbox.enforcement.deployed.organization import resource_control, service_control
from infra.sandbox.enforcement.deployed.resource_policies import resource_policy, trust_policy
from infra.sandbox.enforcement.requests.operation import Needed
from infra.sandbox.moto_extensions.sts_sessions import role_of


def policies_for(identified: Identified, needed: Needed, route: EndpointRoute | None) -> Applicable:
    """The policies that decide whether a principal has what a request needs.

    Args:
        identified: The principal, as `acting` gives it.
        needed: What must be allowed.
        route: The endpoint that the request came through, as `network_route` gives it.

    Raises:
        MalformedPolicy: A document that is deployed is none that AWS would have taken.
    """
    holder = role_of(identified.session) if identified.session else holder_of(identified.caller)
    trust = _asks_to_be(needed)
    owner = needed.resource_account
    return Applicable(
        identity=identity_policies(holder) if holder else (),
        boundary=boundary_policy(holder) if holder else None,
        session=session_policies(identified.session) if identified.session else None,
        resource=trust_policy(needed.resource) if trust else resource_policy(needed.resource, identified.caller, owner),
        trust=trust,
        endpoint=route.policy if route else None,
        scps=service_control(identified.caller.account),
        rcps=resource_control(owner),
        grants=grants_of(needed.resource),
    )


def acting(identified: Identified, needed: Needed) -> Identified:
    """Who must be allowed it: the caller, or the role or service that acts for it.

    Args:
        identified: The caller.
        needed: What must be allowed.
    """
    if needed.principal is None:
        return identified
    return of_role(needed.principal) if needed.principal.startswith("arn:") else of_service(needed.principal)


def _asks_to_be(needed: Needed) -> bool:
    """Whether it is about becoming a role, which the role's trust policy decides."""
    return needed.action.lower().startswith("sts:") and ":role/" in needed.resource
