"""The policy of a resource, for the services whose resources have one: a table from ARN to document.

Sources: IAM User Guide, "AWS services that work with IAM" (resource-based policies); Service Authorization Reference
(forms of ARNs).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from moto.awslambda.models import LambdaStorage

from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.request import Caller
from infra.sandbox.enforcement.deployed import s3_policies
from infra.sandbox.enforcement.deployed.arns import Arn, backend
from infra.sandbox.enforcement.deployed.documents import Stored, compiled, joined
from infra.sandbox.moto_extensions.sts_sessions import find_role


def resource_policy(resource: str, caller: Caller, owner: str | None) -> Policy | None:
    """The policy that is attached to a resource, or to what the resource is part of.

    Args:
        resource: The resource's ARN.
        caller: Who asks: a public bucket policy that is restricted does not count for everybody.
        owner: The resource's account, where its ARN does not say it.
    """
    arn = Arn.of(resource)
    if arn is None:
        return None
    if arn.service == "s3":
        document = s3_policies.document_of(arn.text, caller)
    else:
        account = arn.account or owner
        reader = _READERS.get(arn.service)
        document = reader(arn, account) if reader and account else None
    if document is None:
        return None
    return compiled(document, PolicyKind.RESOURCE, f"policy of {_holder(arn)}", service=arn.service)


def trust_policy(role_arn: str) -> Policy | None:
    """The trust policy of a role; None where there is no such role."""
    role = find_role(role_arn)
    if role is None:
        return None
    return compiled(role.assume_role_policy_document, PolicyKind.TRUST, f"trust policy of {role.name}")


def _holder(arn: Arn) -> str:
    """What a verdict calls the resource that has the policy: a bucket, and not an object."""
    return f"bucket {arn.resource.partition('/')[0]}" if arn.service == "s3" and not arn.account else arn.text


def _kms(arn: Arn, account: str) -> Stored | None:
    key = key_of(arn, account)
    if key is not None:
        return key.policy
    # A key that is not there, or not yet there while it is made with tags, has no policy that could keep IAM's from
    # counting. Source: AWS KMS Developer Guide, "Controlling access to tags" (CreateKey needs kms:TagResource in IAM).
    owner = {"AWS": f"arn:aws:iam::{account}:root"}
    allowed = {"Effect": "Allow", "Principal": owner, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allowed]}


def key_of(arn: Arn, account: str) -> Any:
    """Moto's key of a key's ARN; None where there is none."""
    found = backend("kms", account, arn.region)
    return found.keys.get(arn.resource.removeprefix("key/")) if found else None


def _ecr(arn: Arn, account: str) -> Stored | None:
    found = backend("ecr", account, arn.region)
    repository = found.repositories.get(arn.resource.removeprefix("repository/")) if found else None
    return repository.policy if repository else None


def _sns(arn: Arn, account: str) -> Stored | None:
    found = backend("sns", account, arn.region)
    # A subscription's ARN is that of its topic and an id.
    topic = found.topics.get(":".join(arn.text.split(":")[:6])) if found else None
    return topic.policy if topic else None


def _sqs(arn: Arn, account: str) -> Stored | None:
    found = backend("sqs", account, arn.region)
    queue = found.queues.get(arn.resource) if found else None
    return (queue.policy or None) if queue else None


def _lambda(arn: Arn, account: str) -> Stored | None:
    found = backend("lambda", account, arn.region)
    parts = arn.resource.split(":")
    if found is None or parts[0] != "function" or len(parts) < 2:
        return None
    storage = cast("LambdaStorage", vars(found)["_lambdas"])
    functions = cast("dict[str, dict[str, Any]]", vars(storage)["_functions"])
    function = functions.get(parts[1])
    kept: list[dict[str, Any]] = function["latest"].policy.statements if function else []
    statements = [{**statement, "Principal": _principal(statement.get("Principal"))} for statement in kept]
    return {"Version": "2012-10-17", "Statement": statements} if statements else None


def _principal(named: object) -> object:
    """The principal of a permission as a policy has it: moto keeps an account or a role as the call named it."""
    return {"AWS": named} if isinstance(named, str) and named != "*" else named


def _secret(arn: Arn, account: str) -> Stored | None:
    found = backend("secretsmanager", account, arn.region)
    secret = found.secrets.get(arn.text) if found else None
    return getattr(secret, "policy", None) or None


def _logs(arn: Arn, account: str) -> Stored | None:
    found = backend("logs", account, arn.region)
    if found is None:
        return None
    return joined(policy.policy_document for policy in found.resource_policies.values())


def _events(arn: Arn, account: str) -> Stored | None:
    found = backend("events", account, arn.region)
    if found is None or not arn.resource.startswith("event-bus/"):
        return None
    bus = found.event_buses.get(arn.resource.removeprefix("event-bus/"))
    return bus.policy if bus else None


def _sagemaker(arn: Arn, account: str) -> Stored | None:
    """A model package group has a policy, which is also that of its packages."""
    kind, _, rest = arn.resource.partition("/")
    found = backend("sagemaker", account, arn.region)
    if found is None or kind not in {"model-package-group", "model-package"}:
        return None
    group = found.model_package_groups.get(rest.partition("/")[0])
    return getattr(group, "resource_policy", None)


def _opensearch(arn: Arn, account: str) -> Stored | None:
    found = backend("opensearch", account, arn.region)
    domain = found.domains.get(arn.resource.removeprefix("domain/").partition("/")[0]) if found else None
    return (domain.access_policies or None) if domain else None


def _kafka(arn: Arn, account: str) -> Stored | None:
    found = backend("kafka", account, arn.region)
    stored = found.policies.get(arn.text) if found else None
    return stored["policy"] if stored else None


_READERS: dict[str, Callable[[Arn, str], Stored | None]] = {
    "ecr": _ecr,
    "es": _opensearch,
    "events": _events,
    "kafka": _kafka,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "sagemaker": _sagemaker,
    "secretsmanager": _secret,
    "sns": _sns,
    "sqs": _sqs,
}
