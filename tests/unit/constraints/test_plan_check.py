"""The check inside a program: a resource that breaks a rule is refused before the engine hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pulumi
import pytest
from pulumi import Output, ResourceOptions
from pulumi.output import UNKNOWN
from pulumi_aws import ec2, kms, s3, sagemaker

from components import plan_check
from components.plan_check import PlanRefusedError
from infra.errors import UserError
from tests.components.recorder import Recorder, record
from tests.unit.constraints.sound import KEY, SOUND, policy, resource_statement

KEY_POLICY = SOUND["aws:kms/key:Key"]["policy"]


def checked(program: Callable[[], None], **options: Any) -> Recorder:
    """What a program registers under the check."""

    def with_check() -> None:
        plan_check.install(**options)
        program()

    return record(with_check)


def refused(program: Callable[[], None], **options: Any) -> PlanRefusedError:
    """The error that a program ends with."""
    with pytest.raises(PlanRefusedError) as caught:
        checked(program, **options)
    return caught.value


def key(
    name: str = "key",
    *,
    days: int = 30,
    rotation: bool = True,
    tags: Mapping[str, str] | None = None,
    opts: ResourceOptions | None = None,
) -> kms.Key:
    """A key that is sound unless it is told not to be."""
    return kms.Key(
        name, deletion_window_in_days=days, enable_key_rotation=rotation, policy=KEY_POLICY, tags=tags, opts=opts
    )


def test_sound_resources_are_registered_as_they_are() -> None:
    """Positive control: inputs, names and dependencies reach the engine unchanged, with and without the check."""

    def program() -> None:
        made = key(opts=ResourceOptions(protect=False))
        bucket = s3.Bucket("bucket", bucket="bh-dev-acme-data-1", opts=ResourceOptions(depends_on=[made]))
        s3.BucketServerSideEncryptionConfiguration(
            "encryption",
            bucket=bucket.id,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=(
                        s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="aws:kms", kms_master_key_id=made.arn
                        )
                    ),
                    bucket_key_enabled=True,
                )
            ],
        )

    assert checked(program).resources == record(program).resources
    assert len(checked(program).resources) == 3


def test_a_violation_is_a_users_error_that_names_everything() -> None:
    """The error names resource, property, value, rule and remedy, and Pulumi shows it without a stack trace."""
    error = refused(lambda: key(days=3) and None)
    assert isinstance(error, UserError)
    assert isinstance(error, pulumi.RunError)
    for part in ("aws:kms/key:Key key", "deletionWindowInDays", "3 days", "kms-deletion-window", "remedy: choose"):
        assert part in str(error)


def test_all_that_is_wrong_with_a_resource_is_said_at_once() -> None:
    """Two broken properties are two violations of one error."""
    error = refused(lambda: key(days=3, rotation=False) and None)
    assert {violation.rule.id for violation in error.violations} == {"kms-deletion-window", "kms-rotation"}


def test_the_engine_does_not_hear_of_a_refused_resource() -> None:
    """What breaks a rule is never registered, and neither is what depends on it."""
    heard: list[str] = []

    def program() -> None:
        bad = key("bad", days=3)
        for resource in (bad, kms.Alias("alias", name="alias/acme", target_key_id=bad.key_id)):
            resource.urn.apply(heard.append)

    refused(program)
    assert heard == []


def test_values_are_checked_when_they_resolve() -> None:
    """A policy that is put together from another resource's output is checked like a plain one."""

    def program(size: int) -> None:
        bucket = s3.Bucket("bucket", bucket="bh-dev-acme-data-1")
        resources = bucket.arn.apply(lambda arn: [f"{arn}/{'x' * 80}"] * size)
        text = resources.apply(lambda arns: policy(resource_statement(Resource=[f"arn:aws:s3:::{a}" for a in arns])))
        s3.BucketPolicy("policy", bucket=bucket.id, policy=text)

    assert len(checked(lambda: program(10)).resources) == 2
    assert [one.rule.id for one in refused(lambda: program(300)).violations] == ["s3-bucket-policy-size"]


def test_secret_values_are_checked_and_not_shown() -> None:
    """A secret is read like any value; the message tells of its property and not what it is."""

    def program() -> None:
        sagemaker.Model(
            "model",
            execution_role_arn="arn:aws:iam::123456789012:role/r",
            enable_network_isolation=True,
            vpc_config={"subnets": ["s"], "security_group_ids": ["g"]},
            primary_container={
                "image": "i",
                "environment": {"TOKEN": Output.secret("s3cr3t" * 200)},
            },
        )

    error = refused(program)
    assert error.violations[0].property == "primaryContainer.environment.TOKEN"
    assert "s3cr3t" not in str(error)


def test_nested_arguments_have_the_engines_names_and_maps_keep_their_keys() -> None:
    """Argument objects and dictionaries are read alike; the keys of tags and environments are the user's own."""

    def program() -> None:
        s3.BucketLogging("logging", bucket="b", target_bucket="b", target_prefix="x")

    assert refused(program).violations[0].property == "targetBucket"
    error = refused(lambda: key(tags={"aws:my_tag": "x"}) and None)
    assert error.violations[0].property == "tags.aws:my_tag"


def test_private_dns_in_a_shared_vpc() -> None:
    """The program says which VPCs are shared; in its own VPC an endpoint may have private DNS."""

    def program() -> None:
        ec2.VpcEndpoint(
            "kms",
            vpc_id="vpc-1",
            vpc_endpoint_type="Interface",
            service_name="com.amazonaws.eu-central-1.kms",
            policy=policy(resource_statement(Resource=KEY)),
            subnet_ids=["subnet-1"],
            security_group_ids=["sg-1"],
            private_dns_enabled=True,
        )

    assert len(checked(program).resources) == 1
    assert refused(program, shared_vpcs=["vpc-1"]).violations[0].rule.id == "vpc-endpoint-private-dns"


def test_components_are_not_judged_and_their_children_are() -> None:
    """A component's children inherit the check."""

    class Keys(pulumi.ComponentResource):
        def __init__(self, days: int) -> None:
            super().__init__("bulkhead:component:Keys", "keys", {}, None)
            key(days=days, opts=ResourceOptions(parent=self))

    assert len(checked(lambda: Keys(7) and None).resources) == 2
    assert refused(lambda: Keys(6) and None).violations


def test_what_is_unknown_at_preview_is_not_judged_and_what_is_known_is() -> None:
    """A value that the preview cannot know is left to the update; it hides nothing else of its resource."""

    def program(prefix: str) -> None:
        unknown = Output[str].from_input(cast("Any", UNKNOWN))
        s3.BucketLogging("logging", bucket=unknown, target_bucket=unknown, target_prefix="x")
        kms.Key("key", policy=unknown, enable_key_rotation=True, tags={f"{prefix}owner": "x"})

    assert len(checked(lambda: program("")).resources) == 2
    assert [one.property for one in refused(lambda: program("aws:")).violations] == ["tags.aws:owner"]
