"""What erases a tenant removes what its work left, shows no content, and is held to the one tenant."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

import pytest

from infra import naming
from infra.erasure.kinds import TABLE, Kind
from infra.policies import erasing, provisioning
from infra.policies.document import PolicyDocument
from infra.policies.platform_boundary import platform_boundary
from infra.spec.tenant import TenantSpec
from tests.components.specs import tenant
from tests.unit.policies.documents import ACME, LONGEST_PLATFORM, LONGEST_TENANT, PLATFORM, allows, statement

POLICIES = provisioning.policies(PLATFORM)
EVERYTHING = PolicyDocument(tuple(each for document in POLICIES.values() for each in document.statements))
BOUNDARY = platform_boundary(PLATFORM)
HELD = erasing.of_one_tenant(PLATFORM, ACME)
NEIGHBOUR = tenant("acmeeu")

#: Operations whose permission has another name. Source: Service Authorization Reference.
_ACTIONS = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
}


def _action(service: str, operation: str) -> str:
    title = "".join(part.title() for part in operation.split("_"))
    return _ACTIONS.get(f"{service}:{title}", f"{service}:{title}")


def _allowed(document: PolicyDocument, action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for each in allows(document) for pattern in each.actions)


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.name)
def test_the_role_may_make_every_call_of_the_table(kind: Kind) -> None:
    """A kind that is added to the table, and not to the policies, fails here and not in an erasure."""
    for operation in (kind.lists, *(each.operation for each in (*kind.details, *kind.removal))):
        action = _action(kind.service, operation)
        assert _allowed(EVERYTHING, action), f"no policy of the role allows {action}"
        assert _allowed(BOUNDARY, action), f"the platform's boundary leaves {action} out"


@pytest.mark.parametrize("action", ["secretsmanager:GetSecretValue", "ssm:GetParameter", "backup:StartRestoreJob"])
def test_what_is_removed_is_not_read(action: str) -> None:
    assert not _allowed(EVERYTHING, action)
    assert not _allowed(BOUNDARY, action)


def _touched(document: PolicyDocument, action: str, resource: str) -> bool:
    """Whether no denial by name stands against a call on a resource."""
    by_name = statement(document, "NothingOfAnothersName")
    if not any(fnmatchcase(action, pattern) for pattern in by_name.actions):
        return True
    return any(fnmatchcase(resource, pattern) for pattern in by_name.not_resources)


_NAMED: dict[str, Callable[[TenantSpec], str]] = {
    "s3:DeleteBucket": lambda one: naming.bucket_arn(naming.bucket(PLATFORM, one, "data")),
    "s3:DeleteObjectVersion": lambda one: naming.bucket_arn(naming.bucket(PLATFORM, one, "data")) + "/x",
    "iam:DeleteRole": lambda one: naming.role_arn(PLATFORM, one, "training"),
    "iam:DeletePolicy": lambda one: naming.boundary_arn(PLATFORM, one),
    "ecr:BatchDeleteImage": lambda one: naming.repository_arn(PLATFORM, naming.repository(PLATFORM, one)),
    "logs:DeleteLogGroup": lambda one: naming.log_group_arn(PLATFORM, naming.log_group(PLATFORM, one, "x")),
    "logs:DeleteLogStream": lambda one: naming.job_log_streams_arn(PLATFORM, one, "TrainingJobs"),
    "sagemaker:DeleteEndpoint": lambda one: naming.sagemaker_arn(
        PLATFORM, "endpoint", naming.endpoint(PLATFORM, one, "m")
    ),
    "sns:DeleteTopic": lambda one: naming.topic_arn(PLATFORM, naming.alerts_topic(PLATFORM, one)),
    "cloudwatch:DeleteAlarms": lambda one: naming.alarm_arn(PLATFORM, naming.alarm(PLATFORM, one, "m", "latency")),
    "budgets:ModifyBudget": lambda one: f"arn:aws:budgets::{PLATFORM.account}:budget/{naming.budget(PLATFORM, one)}",
}


@pytest.mark.parametrize("action", _NAMED)
def test_the_session_is_held_to_the_names_of_one_tenant(action: str) -> None:
    """The neighbour's id extends the tenant's own."""
    assert _touched(HELD, action, _NAMED[action](ACME)), "the positive control"
    assert not _touched(HELD, action, _NAMED[action](NEIGHBOUR))
    assert _touched(erasing.of_one_tenant(PLATFORM, NEIGHBOUR), action, _NAMED[action](NEIGHBOUR))


def test_an_object_that_bears_the_tenants_name_in_anothers_bucket_stays_out_of_reach() -> None:
    bucket = naming.bucket_arn(naming.bucket(PLATFORM, NEIGHBOUR, "data"))
    for key in ("bh-dev-acme-x", "bulkhead/dev/acme/x"):
        assert not _touched(HELD, "s3:DeleteObject", f"{bucket}/{key}")


def test_the_session_is_held_to_the_tag_of_one_tenant() -> None:
    by_tag = statement(HELD, "NothingWithAnothersTag")
    assert (by_tag.effect, by_tag.actions, by_tag.resources) == ("Deny", ("*",), ("*",))
    assert by_tag.conditions["StringNotEquals"] == {"aws:ResourceTag/tenant": "acme"}
    assert by_tag.conditions["Null"] == {"aws:ResourceTag/tenant": "false"}, "a missing tag makes the negation true"


def test_a_session_policy_of_the_longest_names_is_short_enough() -> None:
    assert len(erasing.of_one_tenant(LONGEST_PLATFORM, LONGEST_TENANT).render()) <= erasing.MAX_SESSION_SIZE
