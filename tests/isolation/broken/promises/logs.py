"""Promises about logs, metrics, alarms and topics."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from infra import naming
from infra.spec.tenant import TenantSpec
from tests.isolation.broken import people, things
from tests.isolation.broken.attempts import Attempt
from tests.isolation.broken.blueprint import ACME, ACMEEU, GLOBEX, PLATFORM, TENANTS
from tests.isolation.broken.promises.declared import Promises, tries
from tests.isolation.broken.promises.models import endpoint_of, ways_of, with_and_without_tags

PROMISES = Promises()
never, always = PROMISES.never, PROMISES.always

PAIRS = tuple(permutations(TENANTS, 2))
READ = "logs: GetLogEvents FilterLogEvents DescribeLogStreams StartLiveTail"
WRITE = "logs: CreateLogStream PutLogEvents"
CHANGE = (
    "logs: DeleteLogGroup DeleteLogStream PutRetentionPolicy DeleteRetentionPolicy PutSubscriptionFilter "
    "AssociateKmsKey DisassociateKmsKey PutMetricFilter PutResourcePolicy"
)
ALARMS = "cloudwatch: PutMetricAlarm DeleteAlarms DisableAlarmActions SetAlarmState"
TOPIC = "sns: Publish Subscribe SetTopicAttributes DeleteTopic AddPermission RemovePermission GetTopicAttributes"


def logs_of(owner: TenantSpec) -> tuple[things.Thing, ...]:
    """Groups and streams of an owner, as they are and without tags."""
    groups = (things.log_group(owner), things.endpoint_log_group(owner))
    jobs = (things.job_log_stream(owner, "TrainingJobs"), things.job_log_stream(owner, "ProcessingJobs"))
    return (*with_and_without_tags(*groups, *map(things.log_stream, groups)), *jobs)


@never
def no_tenant_reads_writes_or_changes_another_tenants_logs() -> Iterator[Attempt]:
    """Those of its endpoints and jobs too, whose groups are the account's; nor by its endpoint, or another's."""
    for attacker, victim in PAIRS:
        for way in ways_of(attacker, "logs"):
            for actions in (READ, WRITE, CHANGE):
                yield from tries(people.roles(attacker), actions, logs_of(victim), through=way)


@never
def no_tenant_reads_the_platforms_logs() -> Iterator[Attempt]:
    """Flow logs, images and whatever else the platform writes."""
    group = with_and_without_tags(things.log_group(None, "flow-logs/main"))
    for actions in (READ, WRITE, CHANGE):
        yield from tries(people.roles(ACME), actions, group)


@never
def no_tenant_lists_the_streams_of_all_jobs() -> Iterator[Attempt]:
    """Their names would tell which tenants there are and what they train."""
    groups = tuple(things.job_log_group(kind) for kind in ("TrainingJobs", "ProcessingJobs"))
    yield from tries(people.roles(ACME), READ, groups)


@never
def no_tenant_makes_log_groups_under_other_names() -> Iterator[Attempt]:
    """Groups are made for jobs and one's own endpoints."""
    makers = (people.role(ACME, "training"), people.role(ACME, "serving"))
    groups = (things.log_group(ACMEEU), things.endpoint_log_group(ACMEEU), things.log_group(None))
    yield from tries(makers, "logs: CreateLogGroup", tuple(group.without_tags() for group in groups))


@never
def nobody_else_passes_the_logs_endpoint() -> Iterator[Attempt]:
    """Neither an administrator nor an outsider, nor a tenant under another's tag or to another account."""
    for through, owner, other in (
        ("acme.endpoint.logs", ACME, ACMEEU),
        ("platform.endpoint.logs", GLOBEX, ACME),
        ("platform.endpoint.logs", ACME, ACMEEU),
    ):
        for tag in (owner.id, other.id, "*", None):
            claims = {"aws:PrincipalTag/tenant": tag}
            others = (*people.roles(other), people.ADMINISTRATOR, people.OUTSIDER, people.ANONYMOUS)
            yield from tries(others, f"{READ} {WRITE.removeprefix('logs:')}", logs_of(owner), claims, through=through)
        away = tuple(map(things.of_another_account, logs_of(owner)))
        yield from tries(people.roles(owner), WRITE, away, through=through)


@never
def no_role_publishes_metrics_of_others() -> Iterator[Attempt]:
    """A false metric keeps another tenant's alarm quiet."""
    for name in ("Bulkhead/dev/acmeeu", "Bulkhead/dev/acme2", "Bulkhead/dev/platform", "AWS/SageMaker", "elsewhere"):
        for way in (None, "platform.endpoint.monitoring"):
            keys = {"cloudwatch:namespace": name}
            yield from tries(people.roles(ACME), "cloudwatch: PutMetricData", things.NOTHING, keys, through=way)
    yield from tries(people.roles(ACME), "cloudwatch: PutMetricData", things.NOTHING)


@never
def nobody_else_passes_the_monitoring_endpoint() -> Iterator[Attempt]:
    """It takes the metrics of a tenant's workloads, by its roles."""
    for through, owner, other in (
        ("acme.endpoint.monitoring", ACME, ACMEEU),
        ("platform.endpoint.monitoring", GLOBEX, ACME),
        ("platform.endpoint.monitoring", ACME, ACMEEU),
    ):
        for namespace in (owner.id, f"{owner.id}2", other.id):
            keys = {"cloudwatch:namespace": naming.metric_namespace(PLATFORM, owner).replace(owner.id, namespace)}
            claims = {"aws:PrincipalTag/tenant": owner.id}
            others = (*people.roles(other), people.ADMINISTRATOR, people.OUTSIDER)
            yield from tries(others, "cloudwatch: PutMetricData", things.NOTHING, keys, claims, through=through)
            if namespace != owner.id:
                yield from tries(
                    people.roles(owner), "cloudwatch: PutMetricData", things.NOTHING, keys, through=through
                )
        yield from tries(people.roles(owner), "cloudwatch: PutMetricData", things.NOTHING, through=through)


@never
def no_role_of_a_tenant_changes_alarms() -> Iterator[Attempt]:
    """Neither its own nor another's nor the platform's."""
    alarms = with_and_without_tags(*(things.alarm(owner) for owner in (ACME, ACMEEU, None)))
    yield from tries(people.roles(ACME), ALARMS, alarms)


@never
def no_role_of_a_tenant_uses_topics() -> Iterator[Attempt]:
    """Alarms and budgets publish, and people subscribe when the tenant is provisioned."""
    topics = with_and_without_tags(*(things.topic(owner) for owner in (ACME, ACMEEU, None)))
    yield from tries(people.roles(ACME), TOPIC, topics)


@never
def no_outsider_uses_topics() -> Iterator[Attempt]:
    """Nobody of another account publishes or listens."""
    for owner in (ACME, None):
        yield from tries((people.OUTSIDER, people.ANONYMOUS), "sns: Publish Subscribe", things.topic(owner))


@never
def no_message_travels_in_the_clear() -> Iterator[Attempt]:
    """Publishing and subscribing need TLS."""
    for owner in (ACME, None):
        actions = "sns: Publish Subscribe"
        yield from tries(people.ADMINISTRATOR, actions, things.topic(owner), {"aws:SecureTransport": False})


@always
def tenants_log_and_measure() -> Iterator[Attempt]:
    """Jobs and endpoints write, data scientists read."""
    for owner in (ACME, GLOBEX):
        training, serving, _, scientist, *_ = people.roles(owner)
        streams = tuple(things.job_log_stream(owner, kind) for kind in ("TrainingJobs", "ProcessingJobs"))
        endpoint = things.endpoint_log_group(owner)
        through = endpoint_of(owner, "logs")
        yield from tries(training, WRITE, streams, through=through)
        groups = tuple(things.job_log_group(kind) for kind in ("TrainingJobs", "ProcessingJobs"))
        yield from tries(training, "logs: CreateLogGroup", groups)
        yield from tries(
            serving, f"{WRITE} DescribeLogStreams", (endpoint, things.log_stream(endpoint)), through=through
        )
        yield from tries(serving, "logs: CreateLogGroup", endpoint.without_tags())
        read = "logs: GetLogEvents FilterLogEvents DescribeLogStreams"
        yield from tries(scientist, read, (things.log_group(owner), endpoint))
        yield from tries(scientist, "logs: GetLogEvents", (things.log_stream(endpoint), *streams))
        own = {"cloudwatch:namespace": naming.metric_namespace(PLATFORM, owner)}
        monitoring = endpoint_of(owner, "monitoring")
        yield from tries(training, "cloudwatch: PutMetricData", things.NOTHING, own, through=monitoring)
        for kind in ("TrainingJobs", "ProcessingJobs"):
            shared = {"cloudwatch:namespace": f"/aws/sagemaker/{kind}"}
            yield from tries(training, "cloudwatch: PutMetricData", things.NOTHING, shared)
        ends = {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}
        yield from tries(serving, "cloudwatch: PutMetricData", things.NOTHING, ends)


@always
def the_provisioning_role_looks_after_logs_alarms_and_topics() -> Iterator[Attempt]:
    """It makes, keeps and removes them."""
    logs = "logs: CreateLogGroup PutRetentionPolicy AssociateKmsKey DeleteLogGroup TagResource"
    yield from tries(people.PROVISIONING, logs, (things.log_group(ACME), things.endpoint_log_group(ACME)))
    yield from tries(people.PROVISIONING, "cloudwatch: PutMetricAlarm DeleteAlarms", things.alarm(ACME))
    topics = "sns: CreateTopic SetTopicAttributes Subscribe DeleteTopic GetTopicAttributes"
    yield from tries(people.PROVISIONING, topics, things.topic(ACME))
