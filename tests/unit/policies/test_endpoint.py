"""Policies of VPC endpoints: who passes, to what, and that no tenant's pattern covers another's."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import endpoint_services, naming
from infra.policies import endpoint
from infra.policies.document import PolicyDocument
from infra.spec.common import RESERVED_IDS, TENANT_ID_PATTERN
from infra.spec.tenant import TenantSpec
from tests.components.specs import PLATFORM, tenant
from tests.unit.policies.passing import Request, passes

SERVICES = (endpoint_services.GATEWAY, *endpoint_services.ALL)
OWNED = {"aws:ResourceAccount": PLATFORM.account}

ids = st.from_regex(TENANT_ID_PATTERN, fullmatch=True).filter(lambda value: value not in RESERVED_IDS)
#: Two tenants, often one whose id extends the other's.
pairs = st.one_of(
    st.tuples(ids, ids),
    ids.filter(lambda value: len(value) < 18).flatmap(
        lambda value: st.tuples(st.just(value), st.just(f"{value}eu"[:19]))
    ),
).filter(lambda pair: pair[0] != pair[1])


Use = tuple[str, str, dict[str, str]]


def uses(target: TenantSpec) -> dict[str, list[Use]]:
    """What workloads do through each service's endpoint, on resources of `target`: action, resource, further keys."""
    name = f"{naming.prefix(PLATFORM, target)}-tumour"

    def sagemaker(kind: str, suffix: str = "") -> str:
        return naming.sagemaker_arn(PLATFORM, kind, name + suffix)

    buckets = naming.bucket_arns(PLATFORM, target)
    group = naming.log_group_arn(PLATFORM, naming.log_group(PLATFORM, target, "workloads"))
    stream = naming.job_log_streams_arn(PLATFORM, target, "TrainingJobs").replace("-*", "-job")
    repository = naming.repository_arn(PLATFORM, naming.repository(PLATFORM, target))
    images: list[Use] = [(action, repository, {}) for action in ("ecr:BatchGetImage", "ecr:PutImage")]
    return {
        "s3": [
            *(("s3:ListBucket", bucket, {}) for bucket in buckets),
            *((action, f"{bucket}/a/b", {}) for bucket in buckets for action in ("s3:GetObject", "s3:PutObject")),
        ],
        "kms": [
            ("kms:Decrypt", naming.any_key_arn(PLATFORM).replace("*", "12"), {"aws:ResourceTag/tenant": target.id})
        ],
        "sagemaker.runtime": [("sagemaker:InvokeEndpoint", sagemaker("endpoint"), {})],
        "sagemaker.api": [
            ("sagemaker:CreateTrainingJob", sagemaker("training-job"), {}),
            ("sagemaker:DescribeModelPackage", sagemaker("model-package", "/1"), {}),
            ("sagemaker:DescribeEndpoint", sagemaker("endpoint"), {}),
        ],
        "sts": [("sts:AssumeRole", role(target), {})],
        "logs": [("logs:PutLogEvents", f"{group}:log-stream:one", {}), ("logs:GetLogEvents", stream, {})],
        "monitoring": [
            ("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": naming.metric_namespace(PLATFORM, target)})
        ],
        "ecr.api": images,
        "ecr.dkr": images,
    }


def requests_on(service: str, target: TenantSpec, principal: str, tag: str | None) -> list[Request]:
    """The uses of a service's endpoint, as one caller makes them."""
    return [
        Request(principal=principal, tag=tag, action=action, resource=resource, keys=OWNED | keys)
        for action, resource, keys in uses(target)[service]
    ]


def role(owner: TenantSpec) -> str:
    return naming.role_arn(PLATFORM, owner, "training")


@pytest.mark.parametrize("service", SERVICES)
def test_a_tenant_reaches_its_own_resources_through_its_own_and_the_shared_endpoint(service: str) -> None:
    """Every request that acme's workloads make of their own resources passes acme's endpoint and the cell's."""
    acme = tenant("acme")
    requests = requests_on(service, acme, role(acme), "acme")
    assert requests
    for request in requests:
        assert passes(endpoint.tenant_endpoint(PLATFORM, acme, service), request), request
        assert passes(endpoint.shared_endpoint(PLATFORM, service), request), request


@given(pair=pairs)
@settings(max_examples=40, deadline=None)
def test_no_tenant_passes_to_another_whatever_their_ids_and_tags(pair: tuple[str, str]) -> None:
    """No endpoint lets one tenant's role reach the other's resources, by its own tag, the other's or without one."""
    caller, other = tenant(pair[0]), tenant(pair[1])
    for service in SERVICES:
        documents = [
            endpoint.tenant_endpoint(PLATFORM, caller, service),
            endpoint.tenant_endpoint(PLATFORM, other, service),
            endpoint.shared_endpoint(PLATFORM, service),
        ]
        for tag in (*pair, None):
            for request in requests_on(service, other, role(caller), tag):
                assert not any(passes(document, request) for document in documents), request


def test_an_id_that_extends_another_is_not_covered() -> None:
    """The classic hole: acme's patterns do not cover acmeeu, and a pattern without its delimiter would."""
    acme, acmeeu = tenant("acme"), tenant("acmeeu")
    (request,) = requests_on("sagemaker.runtime", acmeeu, role(acme), "acme")
    sound = endpoint.tenant_endpoint(PLATFORM, acme, "sagemaker.runtime")
    assert not passes(sound, request)
    broken = _changed(sound, lambda resource: resource.replace("acme-*", "acme*"))
    assert passes(broken, request)


def test_a_session_with_another_tenants_tag_passes_no_shared_endpoint() -> None:
    """The role's path decides, not the tag: without that condition the tag alone would open the other's resources."""
    acme, globex = tenant("acme"), tenant("globex")
    (request,) = requests_on("sts", globex, role(acme), "globex")
    sound = endpoint.shared_endpoint(PLATFORM, "sts")
    assert not passes(sound, request)
    roles = sound.statements[0]
    broken = PolicyDocument((dataclasses.replace(roles, conditions={}),))
    assert passes(broken, request)


@pytest.mark.parametrize("service", [service for service in SERVICES if service != "monitoring"])
def test_another_accounts_resources_of_the_same_name_are_out_of_reach(service: str) -> None:
    """A resource of another account passes no endpoint, even under the tenant's own names.

    Its ARN names the account, but for a bucket, whose name is all that its ARN says.
    """
    acme = tenant("acme")
    for request in requests_on(service, acme, role(acme), "acme"):
        foreign = dataclasses.replace(
            request,
            resource=request.resource.replace(PLATFORM.account, "999999999999"),
            keys={**request.keys, "aws:ResourceAccount": "999999999999"},
        )
        assert passes(endpoint.tenant_endpoint(PLATFORM, acme, service), request)
        assert not passes(endpoint.tenant_endpoint(PLATFORM, acme, service), foreign)
        assert not passes(endpoint.shared_endpoint(PLATFORM, service), foreign)


def test_layers_of_images_pass_without_a_tenants_principal() -> None:
    """ECR signs the URLs of layers itself: the tenant's gateway endpoint lets exactly that bucket be read by anyone."""
    document = endpoint.tenant_endpoint(PLATFORM, tenant("acme"), "s3")
    layer = Request(
        principal="arn:aws:iam::999999999999:role/starport",
        tag=None,
        action="s3:GetObject",
        resource="arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/layer",
    )
    assert passes(document, layer)
    assert not passes(document, dataclasses.replace(layer, action="s3:PutObject"))
    assert not passes(
        document, dataclasses.replace(layer, resource="arn:aws:s3:::prod-us-east-1-starport-layer-bucket/x")
    )


def test_serving_images_of_the_platform_are_pulled_and_never_pushed() -> None:
    """A tenant pulls the platform's serving images through its endpoint, and cannot push into them."""
    acme = tenant("acme")
    document = endpoint.tenant_endpoint(PLATFORM, acme, "ecr.api")
    image = naming.repository_arn(PLATFORM, naming.serving_repository(PLATFORM, "sklearn"))
    pull = Request(principal=role(acme), tag="acme", action="ecr:BatchGetImage", resource=image, keys=OWNED)
    assert passes(document, pull)
    assert not passes(document, dataclasses.replace(pull, action="ecr:PutImage"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_statement_binds_the_principal_and_only_actions_without_a_resource_have_none(service: str) -> None:
    """No statement is for everyone but that of image layers; ``*`` stands only where AWS has no resource level."""
    for document in (
        endpoint.tenant_endpoint(PLATFORM, tenant("acme"), service),
        endpoint.shared_endpoint(PLATFORM, service),
    ):
        for statement in document.statements:
            bound = "aws:PrincipalArn" in statement.conditions.get("ArnLike", {})
            assert bound or statement.sid == "ImageLayers"
            if "*" in statement.resources:
                assert set(statement.actions) <= {
                    "ecr:GetAuthorizationToken",
                    "sts:GetCallerIdentity",
                    "cloudwatch:PutMetricData",
                }
            assert not any("*" in action for action in statement.actions)


@given(tenant_id=ids)
@settings(max_examples=20, deadline=None)
def test_policies_fit_the_size_that_aws_takes(tenant_id: str) -> None:
    """No policy comes near AWS's 20,480 characters, for the longest ids neither."""
    for service in SERVICES:
        for document in (
            endpoint.tenant_endpoint(PLATFORM, tenant(tenant_id), service),
            endpoint.shared_endpoint(PLATFORM, service),
        ):
            assert len(document.render()) < endpoint.MAX_SIZE / 4


def test_buckets_are_named_exactly() -> None:
    """The gateway endpoint names the three buckets and no pattern over bucket names."""
    document = endpoint.tenant_endpoint(PLATFORM, tenant("acme"), "s3")
    for statement in document.statements:
        for resource in statement.resources:
            assert "*" not in resource.removesuffix("/*")


def _changed(document: PolicyDocument, change: Callable[[str], str]) -> PolicyDocument:
    return PolicyDocument(
        tuple(
            dataclasses.replace(statement, resources=tuple(change(resource) for resource in statement.resources))
            for statement in document.statements
        )
    )
