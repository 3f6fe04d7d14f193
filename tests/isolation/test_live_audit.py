"""An audit right after `up` tells nothing, twice; what is changed behind the stacks' back is told, and what leaks.

Each change is made and taken back at the account itself, and what it must be told as is written beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra import naming
from infra.live import Account, Comparison, WayIn, read
from infra.live.report import Audit, ExitCode, exit_code
from infra.naming import TenantRoleKind
from infra.operations.audit import audit, look, ways_in
from infra.operations.proving import Estate as Stacks
from infra.operations.proving import prove_estate
from infra.operations.workspace import Workspace
from infra.policies.reading import ACTIONS, reading
from infra.proof.report import Finding, Report, Verdict
from infra.settings import Settings
from tests.isolation.estate import Estate

_ELSEWHERE = "999988887777"


@dataclass(frozen=True)
class Ground:
    """The audited estate.

    Args:
        estate: The estate.
        workspace: The same for code.
        baseline: The audit right after `up`.
    """

    estate: Estate
    workspace: Workspace
    baseline: Audit

    def client(self, service: str, *, provisioning: bool = False) -> Any:
        """A client with the account's own key, or as the role that provisions."""
        cloud = self.workspace.cloud
        return cloud.client(service, cloud.provisioning_session() if provisioning else None)

    def role(self, tenant: str, kind: TenantRoleKind) -> str:
        """A role's name."""
        return naming.role(self.estate.platform, self.estate.tenants[tenant], kind)

    def role_arn(self, tenant: str, kind: TenantRoleKind) -> str:
        """A role's ARN."""
        return naming.role_arn(self.estate.platform, self.estate.tenants[tenant], kind)

    def bucket(self, tenant: str) -> str:
        """The name of a tenant's data bucket."""
        return naming.bucket(self.estate.platform, self.estate.tenants[tenant], "data")

    def key(self, tenant: str) -> str:
        """The ARN of a tenant's key."""
        return next(
            str(outputs["arn"])
            for owner, outputs in self.estate.inventory.records("aws:kms/key:Key")
            if owner == tenant
        )


@pytest.fixture(scope="module")
def ground(estate: Estate) -> Iterator[Ground]:
    home: Path = estate.door.home.parent
    folder = home.parent
    settings = Settings(home=home, specs=folder / "specs", platform_spec=folder / "platform.yaml")
    with Workspace(settings) as workspace:
        yield Ground(estate, workspace, audit(workspace))


def _told(found: Audit | Comparison) -> set[tuple[str, str, str, str | None]]:
    return {(each.kind.value, each.type.rpartition(":")[2], each.id, each.property) for each in found.differences}


def _findings(report: Report) -> set[tuple[object, ...]]:
    return {_said(each) for each in report.findings}


def _said(found: Finding) -> tuple[object, ...]:
    return found.verdict, found.claim, found.from_, found.to, found.action, found.resource


def test_right_after_up_nothing_differs_and_everything_was_read(ground: Ground) -> None:
    assert exit_code(ground.baseline) == ExitCode.SAME
    assert ground.baseline.verdict is Verdict.PROVED
    assert ground.baseline.differences == ()
    assert ground.baseline.not_read == ()
    assert ground.baseline.unused == ()
    assert ground.baseline.alike > 200


def test_a_second_audit_tells_nothing_either(ground: Ground) -> None:
    assert look(ground.workspace).comparison.differences == ()


def test_what_has_no_stack_is_expected_by_a_rule(ground: Ground) -> None:
    assert {each.rule.partition(":")[0] for each in ground.baseline.expected} == {
        "aliases of keys that AWS manages",
        "declared as known",
        "the default event bus, which every account has",
    }


def test_the_live_account_is_proven_as_the_stacks_are(ground: Ground) -> None:
    """What the proof says of what was read is what it says of the stacks' state: reading loses and adds nothing."""
    report = prove_estate(Stacks.read(ground.workspace.settings))
    assert _findings(ground.baseline.proof) == _findings(report)
    assert ground.baseline.proof.pairs == report.pairs
    assert ground.baseline.proof.tenants == report.tenants


Change = Callable[[Ground], AbstractContextManager[object]]


def _statement(*actions: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@contextmanager
def _policy_put_on_a_role(ground: Ground) -> Generator[None]:
    iam, role = ground.client("iam"), ground.role("acme", "training")
    iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=_statement("sagemaker:InvokeEndpoint"))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="more")


@contextmanager
def _policy_put_on_an_unbounded_role(ground: Ground) -> Generator[None]:
    iam, role = ground.client("iam"), ground.role("acme", "training")
    limit = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    iam.delete_role_permissions_boundary(RoleName=role)
    try:
        with _policy_put_on_a_role(ground):
            yield
    finally:
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=limit)


@contextmanager
def _grant(ground: Ground, grantee: str) -> Generator[None]:
    """Nobody may make such a grant, so somebody opens the key's policy for a moment: the grant stays."""
    kms, key = ground.client("kms"), ground.key("globex")
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    root = {"AWS": f"arn:aws:iam::{ground.estate.platform.account}:root"}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_statement("kms:*", Principal=root))
    made = kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Decrypt"])
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)
    try:
        yield
    finally:
        kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])


def _grant_to_another_account(ground: Ground) -> AbstractContextManager[None]:
    return _grant(ground, f"arn:aws:iam::{_ELSEWHERE}:root")


def _grant_to_another_tenant(ground: Ground) -> AbstractContextManager[None]:
    """Its roles' boundary denies them what is another tenant's, grant or not."""
    return _grant(ground, ground.role_arn("acme", "training"))


@contextmanager
def _bucket_opened_to_another_account(ground: Ground) -> Generator[None]:
    s3, bucket = ground.client("s3", provisioning=True), ground.bucket("globex")
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    other = {"AWS": f"arn:aws:iam::{_ELSEWHERE}:root"}
    s3.put_bucket_policy(Bucket=bucket, Policy=_statement("s3:*", resource=f"arn:aws:s3:::{bucket}/*", Principal=other))
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=before)


@contextmanager
def _role_deleted(ground: Ground) -> Generator[None]:
    iam, name = ground.client("iam"), ground.role("initech", "serving")
    role = iam.get_role(RoleName=name)["Role"]
    inline = {
        policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    }
    for policy in inline:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)
    try:
        yield
    finally:
        iam.create_role(
            RoleName=name,
            Path=role["Path"],
            AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]),
            PermissionsBoundary=role["PermissionsBoundary"]["PermissionsBoundaryArn"],
            Tags=role["Tags"],
            MaxSessionDuration=role["MaxSessionDuration"],
        )
        for policy, document in inline.items():
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


@contextmanager
def _public_access_block_removed(ground: Ground) -> Generator[None]:
    s3, bucket = ground.client("s3", provisioning=True), ground.bucket("acme")
    before = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=bucket)
    try:
        yield
    finally:
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=before)


@contextmanager
def _user_with_an_access_key(ground: Ground) -> Generator[None]:
    iam = ground.client("iam")
    iam.create_user(UserName="left-over")
    made = iam.create_access_key(UserName="left-over")["AccessKey"]["AccessKeyId"]
    try:
        yield
    finally:
        iam.delete_access_key(UserName="left-over", AccessKeyId=made)
        iam.delete_user(UserName="left-over")


@contextmanager
def _role_of_a_tenant_that_may_do_all(ground: Ground) -> Generator[None]:
    iam = ground.client("iam")
    trusted = {"AWS": ground.role_arn("acme", "deploy")}
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="left-behind",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=[{"Key": "tenant", "Value": "acme"}],
    )
    iam.put_role_policy(RoleName="left-behind", PolicyName="all", PolicyDocument=_statement("sagemaker:*"))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName="left-behind", PolicyName="all")
        iam.delete_role(RoleName="left-behind")


@contextmanager
def _endpoint_policy_opened(ground: Ground) -> Generator[None]:
    ec2 = ground.client("ec2")
    own = [{"Name": "tag:tenant", "Values": ["acme"]}]
    (found,) = (
        each for each in ec2.describe_vpc_endpoints(Filters=own)["VpcEndpoints"] if each["ServiceName"].endswith(".s3")
    )
    everything = _statement("*", Principal="*")
    ec2.modify_vpc_endpoint(VpcEndpointId=found["VpcEndpointId"], PolicyDocument=everything)
    try:
        yield
    finally:
        ec2.modify_vpc_endpoint(VpcEndpointId=found["VpcEndpointId"], PolicyDocument=found["PolicyDocument"])


@dataclass(frozen=True)
class Twin:
    """A change behind the stacks' back.

    Args:
        change: Makes it, and takes it back.
        told: What must be told: kind, type, whose (by a part of the id), property.
        leaks: From whom to whom it leaks; None for a change that gives nobody access to another's.
    """

    change: Change
    told: tuple[tuple[str, str, str, str | None], ...]
    leaks: tuple[str, str] | None = None


_TWINS: Mapping[str, Twin] = {
    "a policy on a bounded role": Twin(
        _policy_put_on_a_role, (("undeclared", "RolePolicy", "bh-dev-acme-training:more", None),)
    ),
    "a policy on a role whose boundary is gone": Twin(
        _policy_put_on_an_unbounded_role,
        (
            ("undeclared", "RolePolicy", "bh-dev-acme-training:more", None),
            ("drifted", "Role", "bh-dev-acme-training", "permissionsBoundary"),
        ),
        ("acme", "globex"),
    ),
    "a grant of a key": Twin(_grant_to_another_account, (("undeclared", "Grant", "", None),), ("outside", "globex")),
    "a grant of a key to a bounded role": Twin(_grant_to_another_tenant, (("undeclared", "Grant", "", None),)),
    "a bucket's policy": Twin(
        _bucket_opened_to_another_account,
        (("drifted", "BucketPolicy", "bh-dev-globex-data", "policy"),),
        ("outside", "globex"),
    ),
    "a role that is gone": Twin(_role_deleted, (("missing", "Role", "bh-dev-initech-serving", None),)),
    "a public access block that is gone": Twin(
        _public_access_block_removed, (("missing", "BucketPublicAccessBlock", "bh-dev-acme-data", None),)
    ),
    "a user with an access key": Twin(_user_with_an_access_key, (("undeclared", "User", "left-over", None),)),
    "a role of a tenant that may do all": Twin(
        _role_of_a_tenant_that_may_do_all, (("undeclared", "Role", "left-behind", None),), ("acme", "globex")
    ),
    "an endpoint's policy": Twin(_endpoint_policy_opened, (("drifted", "VpcEndpoint", "vpce-", "policy"),)),
}


def _is_told(found: Audit | Comparison, twin: Twin) -> bool:
    told = sorted(_told(found), key=str)
    assert len(told) == len(twin.told), told
    return all(
        any((kind, token, changed) == (each[0], each[1], each[3]) and part in each[2] for each in told)
        for kind, token, part, changed in twin.told
    )


@pytest.mark.parametrize("name", [name for name, twin in _TWINS.items() if twin.leaks is None])
def test_what_is_done_behind_the_stacks_back_is_told(ground: Ground, name: str) -> None:
    with _TWINS[name].change(ground):
        assert _is_told(look(ground.workspace).comparison, _TWINS[name])


@pytest.mark.parametrize("name", [name for name, twin in _TWINS.items() if twin.leaks is not None])
def test_what_gives_access_behind_the_stacks_back_is_told_and_leaks(ground: Ground, name: str) -> None:
    twin, before = _TWINS[name], _findings(ground.baseline.proof)
    with twin.change(ground):
        found = audit(ground.workspace)
    assert _is_told(found, twin)
    leaks = [each for each in found.proof.findings if each.verdict is Verdict.LEAK]
    assert twin.leaks in {(each.from_, each.to) for each in leaks if _said(each) not in before}
    assert exit_code(found) == ExitCode.LEAK


def test_afterwards_nothing_differs(ground: Ground) -> None:
    """What the other tests did is taken back: a run before them would not show that."""
    assert look(ground.workspace).comparison.differences == ()


def test_only_one_tenants_differences_are_told_of_it(ground: Ground) -> None:
    with _public_access_block_removed(ground):
        assert len(look(ground.workspace, tenants=frozenset({"acme"})).comparison.differences) == 1
        assert look(ground.workspace, tenants=frozenset({"globex"})).comparison.differences == ()


@contextmanager
def _auditor(ground: Ground, document: str) -> Generator[boto3.Session]:
    """A session of a role of the account that has one policy."""
    iam, sts, cloud = ground.client("iam"), ground.client("sts"), ground.workspace.cloud
    account = {"AWS": f"arn:aws:iam::{ground.estate.platform.account}:root"}
    trust = {"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}
    made = iam.create_role(
        RoleName="auditor",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="auditor", PolicyName="reading", PolicyDocument=document)
    try:
        got = sts.assume_role(RoleArn=made, RoleSessionName="audit")["Credentials"]
        yield boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], region_name=cloud.region)
    finally:
        iam.delete_role_policy(RoleName="auditor", PolicyName="reading")
        iam.delete_role(RoleName="auditor")


def test_the_policy_of_the_audit_is_enough_and_each_of_it_is_needed(ground: Ground) -> None:
    cloud = ground.workspace.cloud
    (_, held) = ways_in(cloud, ground.estate.platform)
    with _auditor(ground, reading().render()) as session:
        found = read(Account((WayIn("auditor", session), held), cloud.endpoint_url))
        assert [each for each in found.hidden if each.lost] == []
        assert len(found.records) == ground.baseline.resources + 2
    left = [action for action in ACTIONS if action != "kms:ListKeys"]
    with _auditor(ground, _statement(*left)) as session:
        alone = read(Account((WayIn("auditor", session),), cloud.endpoint_url))
    whole = {each.action for each in alone.hidden if each.lost and not each.resource}
    assert whole == {"kms:ListKeys"}


def test_the_provisioning_role_is_held_to_reading(ground: Ground) -> None:
    cloud = ground.workspace.cloud
    (_, held) = ways_in(cloud, ground.estate.platform)
    bucket = ground.bucket("acme")
    writing: Mapping[str, Any] = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}}
    ground.client("s3", provisioning=True).put_bucket_versioning(**writing)
    reader = cloud.client("s3", held.session)
    assert reader.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    with pytest.raises(reader.exceptions.ClientError, match="session policy"):
        reader.put_bucket_versioning(**writing)
