"""The tags of a resource, of whichever service: a table from ARN to what moto keeps.

Tags of buckets do not count: general purpose buckets have attribute-based access control off unless it is turned on.
Sources: Service Authorization Reference (which resources have aws:ResourceTag); Amazon S3 User Guide, "Using tags for
attribute-based access control (ABAC) in S3 general purpose buckets".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from infra.sandbox.enforcement.deployed.arns import Arn, backend
from infra.sandbox.enforcement.deployed.s3_policies import bucket_of
from infra.sandbox.moto_extensions.sts_sessions import PARTITION, find_role

Tags = Mapping[str, str]


def tags_of(arn: Arn) -> Tags | None:
    """The tags of a resource; None where there is no such resource, or none that has tags."""
    reader = _READERS.get(arn.service)
    try:
        return reader(arn) if reader else None
    except (ServiceException, HTTPException):  # by which moto's older and newer services say that it is not there
        return None


def pairs(listed: Iterable[Mapping[str, str]] | None) -> Tags:
    """Tags that are listed as keys and values; some services write those in small letters."""
    return {tag.get("Key") or tag.get("key", ""): tag.get("Value") or tag.get("value", "") for tag in listed or ()}


def _regional(service: str, arn: Arn) -> Any:
    return backend(service, arn.account, arn.region)


def _tagger(service: str, known: Callable[[Any, Arn], object]) -> Callable[[Arn], Tags | None]:
    """A reader for the services that keep all tags in one place, by ARN.

    Args:
        service: Moto's name of the service.
        known: Whether the resource exists, by the backend and the ARN.
    """

    def read(arn: Arn) -> Tags | None:
        found = _regional(service, arn)
        if found is None or not known(found, arn):
            return None
        return found.tagger.get_tag_dict_for_resource(arn.text)

    return read


def _iam(arn: Arn) -> Tags | None:
    found: Any = backend("iam", arn.account, PARTITION)
    if found is None:
        return None
    if arn.kind == "role":
        role = find_role(arn.text)
        return None if role is None else pairs(role.tags)
    if arn.kind == "user":
        exists = any(user.arn == arn.text for user in found.users.values())
        return found.tagger.get_tag_dict_for_resource(arn.text) if exists else None
    kept = _IAM.get(arn.kind)
    resource = next((each for each in kept[0](found) if each.arn == arn.text), None) if kept else None
    return None if resource is None or kept is None else pairs(kept[1](resource))


#: Type of ARN -> all such resources, and the tags of one.
_IAM: dict[str, tuple[Callable[[Any], Iterable[Any]], Callable[[Any], Iterable[Mapping[str, str]]]]] = {
    "instance-profile": (lambda iam: iam.instance_profiles.values(), lambda profile: profile.tags),
    "oidc-provider": (lambda iam: iam.open_id_providers.values(), lambda provider: provider.get_tags()),
    "policy": (lambda iam: iam.managed_policies.values(), lambda policy: policy.tags.values()),
    "saml-provider": (lambda iam: iam.saml_providers.values(), lambda provider: getattr(provider, "tags", ())),
}


def _kms(arn: Arn) -> Tags | None:
    found = _regional("kms", arn)
    key = found.keys.get(arn.name) if found and arn.kind == "key" else None
    return None if key is None else found.tagger.get_tag_dict_for_resource(key.id)


def _ec2(arn: Arn) -> Tags | None:
    """EC2 keeps tags by id, and ids are never used again: a resource without tags and one that is gone look alike."""
    found = _regional("ec2", arn)
    return None if found is None else dict(found.tags.get(arn.name) or {})


def _sagemaker(arn: Arn) -> Tags | None:
    found = _regional("sagemaker", arn)
    if found is None:
        return None
    if arn.kind == "model-package":
        package = found.model_packages.get(arn.text)
        return None if package is None else pairs(package.tags)
    try:
        return pairs(found.list_tags(arn=arn.text)[0])
    except (ServiceException, AttributeError, KeyError):
        return None


def _sns(arn: Arn) -> Tags | None:
    found = _regional("sns", arn)
    topic = found.topics.get(arn.text) if found else None
    return None if topic is None else cast("Tags", vars(topic)["_tags"])


def _sqs(arn: Arn) -> Tags | None:
    found = _regional("sqs", arn)
    queue = found.queues.get(arn.resource) if found else None
    return None if queue is None else queue.tags


def _lambda(arn: Arn) -> Tags | None:
    found = _regional("lambda", arn)
    try:
        return None if found is None else found.list_tags(arn.text)
    except ServiceException:
        return None


def _secret(arn: Arn) -> Tags | None:
    found = _regional("secretsmanager", arn)
    secret = found.secrets.get(arn.text) if found else None
    return None if secret is None else pairs(secret.tags)


def _logs(arn: Arn) -> Tags | None:
    found = _regional("logs", arn)
    group = found.groups.get(arn.resource.removeprefix("log-group:").partition(":")[0]) if found else None
    return None if group is None else found.tagger.get_tag_dict_for_resource(group.arn)


def _budgets(arn: Arn) -> Tags | None:
    found: Any = backend("budgets", arn.account, PARTITION)
    budget = found.budgets.get(arn.account, {}).get(arn.name) if found else None
    return None if budget is None else getattr(budget, "tags", {})


def _guardduty(arn: Arn) -> Tags | None:
    found = _regional("guardduty", arn)
    detector = found.detectors.get(arn.name.partition("/")[0]) if found else None
    return None if detector is None else detector.tags


def _scaling(arn: Arn) -> Tags | None:
    found = _regional("applicationautoscaling", arn)
    targets = (each for of_kind in found.targets.values() for each in of_kind.values()) if found else ()
    target = next((each for each in targets if each.arn == arn.text), None)
    return None if target is None else getattr(target, "tags", {})


def _s3(arn: Arn) -> Tags | None:
    return None if bucket_of(arn.resource.partition("/")[0]) is None else {}


def _alarm(found: Any, arn: Arn) -> object:
    return arn.kind != "alarm" or arn.name in found.alarms


def _config(arn: Arn) -> Tags | None:
    found = _regional("config", arn)
    try:
        return None if found is None else pairs(found.list_tags_for_resource(arn.text, 0)["Tags"])
    except ServiceException:
        return None


def _trail(arn: Arn) -> Tags | None:
    found = _regional("cloudtrail", arn)
    if found is None or arn.name not in found.trails:
        return None
    return found.tagging_service.get_tag_dict_for_resource(arn.text)


def _any(found: Any, arn: Arn) -> object:
    del found, arn
    return True


_READERS: dict[str, Callable[[Arn], Tags | None]] = {
    "application-autoscaling": _scaling,
    "budgets": _budgets,
    "cloudtrail": _trail,
    "cloudwatch": _tagger("cloudwatch", _alarm),
    "config": _config,
    "ec2": _ec2,
    "ecr": _tagger("ecr", lambda found, arn: arn.name in found.repositories),
    "events": _tagger("events", _any),
    "guardduty": _guardduty,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "s3": _s3,
    "sagemaker": _sagemaker,
    "secretsmanager": _secret,
    "sns": _sns,
    "sqs": _sqs,
}
