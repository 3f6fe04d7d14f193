"""The attacks on our own estate that are built up wall by wall: on content, models, logs, images, keys and roles."""

from __future__ import annotations

from collections.abc import Iterator

from tests.proof.mutations.layered import (
    Attack,
    Wall,
    changed,
    guard_but_for,
    guard_if,
    guard_of,
    identity_on,
    identity_open_ended,
    named_in,
    no_boundary,
    no_guard,
    open_ended_boundary,
    role_arn,
    statement,
    wider_boundary,
)
from tests.proof.mutations.mutants import document, outputs, statements

_TAGGED = "TouchNoOtherTenant"
_DATA = "arn:aws:s3:::bh-dev-globex-data-*"


def attacks() -> Iterator[Attack]:
    """All of them."""
    yield from _on_objects()
    yield from _on_what_has_no_policy()
    yield from _on_keys()
    yield from _on_registries()
    yield from _by_roles()
    yield from _on_foundations()


def _on_objects() -> Iterator[Attack]:
    everything = "arn:aws:s3:::*"
    yield Attack(
        "acme training reads globex data",
        (
            (
                identity_on("acme", "roles-training", "ReadDataAndModels", everything),
                identity_on("acme", "roles-training", "ReadDataAndModels", _DATA),
            ),
            (no_boundary("acme", "roles-training"), wider_boundary("acme", "OwnBuckets")),
            (
                no_guard("globex", "BucketPolicy", "buckets-data", "NobodyElse"),
                guard_but_for("globex", "buckets-data", role_arn("acme", "roles-training")),
                guard_if(
                    "globex",
                    "BucketPolicy",
                    "buckets-data",
                    "NobodyElse",
                    {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/bulkhead/*"}},
                    "but of any role of the platform",
                ),
                guard_if(
                    "globex",
                    "BucketPolicy",
                    "buckets-data",
                    "NobodyElse",
                    {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}},
                    "but of the account",
                ),
            ),
        ),
    )
    yield Attack(
        "acme training writes acmeeu data",
        (
            (identity_open_ended("acme", "roles-training", "WriteDataAndModels"),),
            (open_ended_boundary("acme", "OwnBuckets"), no_boundary("acme", "roles-training")),
            (
                no_guard("acmeeu", "BucketPolicy", "buckets-data", "NobodyElse"),
                guard_of("acmeeu", "BucketPolicy", "buckets-data", "NobodyElse", "s3:Get*", "s3:PutObject", "s3:List*"),
                guard_if(
                    "acmeeu",
                    "BucketPolicy",
                    "buckets-data",
                    "NobodyElse",
                    {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/bulkhead/dev/acme*"}},
                    "but of ids that begin with acme",
                ),
            ),
        ),
    )
    yield Attack(
        "acme data scientist lists globex captures",
        (
            (identity_on("acme", "roles-data-scientist", "ListBuckets", "arn:aws:s3:::bh-dev-*"),),
            (no_boundary("acme", "roles-data-scientist"),),
            (
                guard_of("globex", "BucketPolicy", "buckets-capture", "NobodyElse", "s3:Get*", "s3:Put*", "s3:Delete*"),
                guard_if(
                    "globex",
                    "BucketPolicy",
                    "buckets-capture",
                    "NobodyElse",
                    {"Null": {"aws:PrincipalArn": "true"}},
                    "of those without an ARN",
                ),
            ),
        ),
    )
    yield Attack(
        "acme training reads globex models through globex' endpoint",
        (
            (identity_on("acme", "roles-training", "ReadDataAndModels", everything),),
            (no_boundary("acme", "roles-training"),),
            (_only_the_endpoint("globex", "buckets-models"),),
            (_open_endpoint("globex", "silo-network-s3", "Objects"),),
        ),
    )


def _only_the_endpoint(owner: str, name: str) -> Wall:
    """A bucket that asks for its owner's endpoint, and not for the owner's roles."""
    endpoint = outputs(owner, "VpcEndpoint", "silo-network-s3")["arn"].rpartition("/")[2]
    condition = {"StringNotEquals": {"aws:SourceVpce": endpoint}}
    return guard_if(owner, "BucketPolicy", name, "NobodyElse", condition, "but through the endpoint")


def _open_endpoint(owner: str, name: str, sid: str) -> Wall:
    loose = {key: value for key, value in statement(owner, "VpcEndpoint", name, sid).items() if key != "Condition"}
    return Wall(
        f"{name} for everybody", "route around an endpoint", (changed(owner, "VpcEndpoint", name, {sid: loose}),)
    )


def _on_what_has_no_policy() -> Iterator[Attack]:
    sagemaker, logs = "arn:aws:sagemaker:eu-central-1:123456789012:", "arn:aws:logs:eu-central-1:123456789012:"
    yield Attack(
        "acme invokes globex endpoints",
        (
            (
                identity_on("acme", "roles-invoke", "InvokeOwnEndpoints", f"{sagemaker}endpoint/*"),
                identity_on("acme", "roles-invoke", "InvokeOwnEndpoints", f"{sagemaker}endpoint/bh-dev-globex-*"),
            ),
            (no_boundary("acme", "roles-invoke"), wider_boundary("acme", "OwnModels", _TAGGED)),
        ),
    )
    yield Attack(
        "acme invokes globex endpoints, whose tags the boundary compares",
        (
            (identity_on("acme", "roles-invoke", "InvokeOwnEndpoints", f"{sagemaker}endpoint/*"),),
            (wider_boundary("acme", "OwnModels"),),
        ),
    )
    yield Attack(
        "acme data scientist describes acmeeu models",
        (
            (identity_open_ended("acme", "roles-data-scientist", "LookAtOwnEndpoints"),),
            (no_boundary("acme", "roles-data-scientist"), open_ended_boundary("acme", "OwnModels", _TAGGED)),
        ),
    )
    yield Attack(
        "acme data scientist reads globex logs",
        (
            (
                identity_on("acme", "roles-data-scientist", "ReadOwnLogs", f"{logs}log-group:*"),
                identity_on("acme", "roles-data-scientist", "ReadOwnLogs", f"{logs}log-group:/bulkhead/dev/*"),
            ),
            (no_boundary("acme", "roles-data-scientist"), wider_boundary("acme", "OwnLogs", _TAGGED)),
        ),
    )
    yield Attack(
        "acme data scientist stops globex jobs",
        (
            (identity_on("acme", "roles-data-scientist", "FollowOwnJobs", "*"),),
            (no_boundary("acme", "roles-data-scientist"),),
        ),
    )
    yield Attack(
        "acme serving writes into globex logs",
        (
            (identity_on("acme", "roles-serving", "WriteLogsOfOwnEndpoints", f"{logs}log-group:/bulkhead/dev/*"),),
            (no_boundary("acme", "roles-serving"),),
        ),
    )
    yield Attack(
        "globex training uses the subnets of all",
        ((_any_network("globex", "network-access-training"),), (no_boundary("globex", "roles-training"),)),
    )


def _any_network(owner: str, name: str) -> Wall:
    everything = [
        {"Sid": "AnyNetwork", "Effect": "Allow", "Action": ["ec2:CreateNetworkInterface"], "Resource": "*"},
        {"Sid": "AnyInterface", "Effect": "Allow", "Action": "ec2:DeleteNetworkInterface", "Resource": "*"},
    ]
    sids = [one["Sid"] for one in _statements(owner, name)]
    changes = dict(zip(sids, [*everything, *[None] * len(sids)], strict=False))
    return Wall("any network", "widen a resource", (changed(owner, "RolePolicy", name, changes),))


def _statements(owner: str, name: str) -> list[dict[str, str]]:
    return [dict(one) for one in statements(document(owner, "RolePolicy", name))]


def _on_keys() -> Iterator[Attack]:
    for sid in ("WorkersUse", "VolumesOfJobsAndEndpoints"):
        yield Attack(
            f"acme training uses globex' key as {sid} do",
            (
                (named_in("globex", "Key", "key", sid, role_arn("acme", "roles-training")),),
                (no_boundary("acme", "roles-training"), wider_boundary("acme", "OwnKey", _TAGGED)),
            ),
        )
    yield Attack(
        "acme deploy uses globex' key by its own policy",
        (
            (named_in("globex", "Key", "key", "WorkersUse", "arn:aws:iam::123456789012:root"),),
            (_any_key("acme", "roles-deploy"),),
            (no_boundary("acme", "roles-deploy"),),
        ),
    )


def _any_key(owner: str, role: str) -> Wall:
    sid = "RegistryLogin"
    more = {"Sid": sid, "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken", "kms:Decrypt"], "Resource": "*"}
    return Wall("any key", "widen a resource", (changed(owner, "RolePolicy", role, {sid: more}),))


def _on_registries() -> Iterator[Attack]:
    ecr, sagemaker = "arn:aws:ecr:eu-central-1:123456789012:", "arn:aws:sagemaker:eu-central-1:123456789012:"
    yield Attack(
        "acme training pulls globex images",
        (
            (identity_on("acme", "roles-training", "PullImages", f"{ecr}repository/bulkhead/dev/*"),),
            (no_boundary("acme", "roles-training"), wider_boundary("acme", "Images", _TAGGED)),
            (no_guard("globex", "RepositoryPolicy", "registry", "NobodyElse"),),
        ),
    )
    yield Attack(
        "acme deploy pushes globex images",
        (
            (identity_on("acme", "roles-deploy", "PushOwnImages", f"{ecr}repository/*"),),
            (no_boundary("acme", "roles-deploy"),),
            (
                guard_of("globex", "RepositoryPolicy", "registry", "NobodyElse", "ecr:BatchGetImage"),
                guard_if(
                    "globex",
                    "RepositoryPolicy",
                    "registry",
                    "NobodyElse",
                    {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/bulkhead/dev/*"}},
                    "but of any role of the stage",
                ),
            ),
        ),
    )
    yield Attack(
        "acme deploy approves globex models",
        (
            (
                identity_on(
                    "acme",
                    "roles-deploy",
                    "RegisterAndApproveModels",
                    f"{sagemaker}model-package/*",
                    f"{sagemaker}model-package-group/*",
                ),
            ),
            (no_boundary("acme", "roles-deploy"), wider_boundary("acme", "OwnModels", _TAGGED)),
            (no_guard("globex", "ModelPackageGroupPolicy", "registry-cultivar", "NobodyElse"),),
        ),
    )


def _by_roles() -> Iterator[Attack]:
    training, deploy = role_arn("acme", "roles-training"), role_arn("acme", "roles-deploy")
    for victim, role in (("globex", "roles-invoke"), ("acmeeu", "roles-invoke"), ("globex", "roles-training")):
        yield Attack(
            f"acme training becomes {victim} {role}",
            (
                (_trusting(victim, role, training),),
                (no_boundary("acme", "roles-training"),),
            ),
        )
    yield Attack(
        "acme deploy becomes the gateway, and then any tenant's invoke role",
        (
            (_trusting("platform", "provisioning-gateway", deploy),),
            (no_boundary("acme", "roles-deploy"),),
        ),
    )
    yield Attack(
        "acme deploy becomes the provisioner",
        ((_trusting("platform", "provisioning", deploy),), (no_boundary("acme", "roles-deploy"),)),
    )
    yield Attack(
        "globex training becomes acme training, which reads acmeeu data",
        (
            (_trusting("acme", "roles-training", role_arn("globex", "roles-training")),),
            (no_boundary("globex", "roles-training"),),
            (identity_open_ended("acme", "roles-training", "ReadDataAndModels"),),
        ),
    )
    yield Attack(
        "acme data scientist passes globex roles to its jobs",
        (
            (
                identity_on(
                    "acme",
                    "roles-data-scientist",
                    "PassOwnTrainingRole",
                    "arn:aws:iam::123456789012:role/bulkhead/dev/*",
                ),
                identity_on("acme", "roles-data-scientist", "PassOwnTrainingRole", role_arn("globex", "roles-serving")),
            ),
            (no_boundary("acme", "roles-data-scientist"), _any_pass("acme", _TAGGED)),
        ),
    )


def _trusting(owner: str, role: str, arn: str) -> Wall:
    """A role that trusts one principal more, without conditions."""
    (sid,) = (one["Sid"] for one in _trust(owner, role))
    also = {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    return Wall(
        f"{owner} {role} trusts {arn.rpartition('/')[2]}",
        "add a principal",
        (changed(owner, "Role", role, {sid: also}),),
    )


def _trust(owner: str, role: str) -> list[dict[str, str]]:
    return [dict(one) for one in statements(document(owner, "Role", role))]


def _any_pass(owner: str, *dropped: str) -> Wall:
    before = statement(owner, "Policy", "roles-boundary", "PassOwnRoles")
    wide = {**before, "Resource": "arn:aws:iam::123456789012:role/bulkhead/dev/*"}
    changes = {"PassOwnRoles": wide, **dict.fromkeys(dropped)}
    what = "boundary's PassOwnRoles for all roles" + "".join(f" without {each}" for each in dropped)
    return Wall(what, "widen a resource", (changed(owner, "Policy", "roles-boundary", changes),))


def _on_foundations() -> Iterator[Attack]:
    """A tenant's role that may change what the proof rests on: of its own, as nobody else's needs it for that."""
    own = role_arn("acme", "roles-deploy")
    bucket = outputs("acme", "Bucket", "buckets-data")["arn"]
    yield Attack(
        "acme deploy gives itself rights",
        ((_may_also("roles-deploy", "iam:PutRolePolicy", own),), (no_boundary("acme", "roles-deploy"),)),
    )
    yield Attack(
        "acme deploy opens its bucket",
        (
            (_may_also("roles-deploy", "s3:PutBucketPolicy", bucket),),
            (no_boundary("acme", "roles-deploy"),),
            (no_guard("acme", "BucketPolicy", "buckets-data", "OnlyProvisioningConfigures"),),
        ),
    )
    yield Attack(
        "acme data scientist opens its endpoint",
        (
            (_may_also("roles-data-scientist", "ec2:ModifyVpcEndpoint", "*"),),
            (no_boundary("acme", "roles-data-scientist"),),
        ),
    )
    yield Attack(
        "acme training ends its key",
        ((_key_also("kms:ScheduleKeyDeletion"),), (no_boundary("acme", "roles-training"),)),
    )


def _may_also(role: str, action: str, resource: str) -> Wall:
    """A role of acme's whose first permission became another one."""
    sid = "ListBuckets"
    more = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
    return Wall(f"{role} may {action}", "add an action", (changed("acme", "RolePolicy", role, {sid: more}),))


def _key_also(action: str) -> Wall:
    """acme's key, of which its workers may do one thing more."""
    before = statement("acme", "Key", "key", "WorkersUse")
    more = {**before, "Action": [*before["Action"], action]}
    return Wall(f"WorkersUse with {action}", "add an action", (changed("acme", "Key", "key", {"WorkersUse": more}),))
