"""Which layers bind a request at all."""

from __future__ import annotations

from infra.evaluator import catalogue
from infra.evaluator.decision import Layer
from infra.evaluator.facts import Facts
from infra.evaluator.request import Caller, CallerKind

#: Callers that are, or act for, an identity of an account.
IDENTITIES = frozenset(
    {CallerKind.ROLE_SESSION, CallerKind.ROLE, CallerKind.USER, CallerKind.ROOT, CallerKind.FEDERATED_USER}
)
#: What the root user may always do to the policy of a bucket of its account, whatever that policy says.
#: Source: Amazon S3 API Reference, "DeleteBucketPolicy", "GetBucketPolicy" and "PutBucketPolicy".
_ROOT_KEEPS = frozenset({"s3:deletebucketpolicy", "s3:getbucketpolicy", "s3:putbucketpolicy"})
#: Source: AWS Organizations User Guide, "Resource control policies", Resources and entities not restricted by RCPs.
_NO_RCP = "kms:retiregrant"


def binds(layer: Layer, facts: Facts) -> bool:
    """Whether the policies of a layer count for a request.

    Source: AWS Organizations User Guide, "Service control policies" (identities of the account, its root user among
    them, but no service-linked role) and "Resource control policies" (supported services only, but no service-linked
    role); AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies" (supported services only).
    """
    match layer:
        case Layer.SCP:
            return facts.caller.kind in IDENTITIES and not _is_service_linked(facts.caller)
        case Layer.RCP:
            supported = facts.service in catalogue.rcp_services() and facts.action != _NO_RCP
            return supported and not _is_service_linked(facts.caller)
        case Layer.ENDPOINT:
            return facts.service in catalogue.endpoint_policy_services()
        case Layer.RESOURCE:
            keeps = facts.caller.kind is CallerKind.ROOT and facts.same_account and facts.action in _ROOT_KEEPS
            return not keeps
        case _:
            return True


def _is_service_linked(caller: Caller) -> bool:
    """Whether the caller is a role that a service made for itself.

    Source: IAM User Guide, "Create a service-linked role": the prefix of its name and its path are reserved.
    """
    role = caller.role_arn or ""
    return ":role/aws-service-role/" in role or role.rsplit("/", 1)[-1].startswith("AWSServiceRoleFor")
