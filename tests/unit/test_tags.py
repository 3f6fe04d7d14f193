"""The tags of every resource: whose it is, and nothing in a spec can say otherwise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.constraints import PlannedResource, violations
from infra.spec.common import OWN_TAGS
from infra.tags import TENANT_TAG, platform_tags, tenant_tags
from tests.components.specs import PLATFORM, tenant

TAGS = st.dictionaries(st.sampled_from(sorted(OWN_TAGS | {"team", "data-class"})), st.just("x"))


@given(tags=TAGS)
def test_a_specs_own_tags_never_replace_ours(tags: dict[str, str]) -> None:
    """Whatever a spec's tags are, the owner, stage and cost centre are those of its keys; other tags are kept."""
    owner = tenant(tags=tags)
    made = tenant_tags(PLATFORM, owner)
    assert made[TENANT_TAG] == owner.id
    assert made["stage"] == PLATFORM.stage
    assert made["owner"] == owner.owner
    assert made["cost-center"] == owner.cost_center
    assert {key: made[key] for key in tags if key not in OWN_TAGS} == {
        k: v for k, v in tags.items() if k not in OWN_TAGS
    }
    of_platform = platform_tags(PLATFORM.model_copy(update={"tags": tags}))
    assert of_platform[TENANT_TAG] == "platform"
    assert of_platform["stage"] == PLATFORM.stage


def test_the_loader_knows_every_tag_that_is_ours() -> None:
    """What the specs may not set is exactly what is set here, and the name that components give."""
    made = set(tenant_tags(PLATFORM, tenant(tags={}))) | set(platform_tags(PLATFORM))
    assert made | {"Name"} == OWN_TAGS


def test_different_tenants_have_different_owners() -> None:
    """The tag that policies compare tells tenants, and the platform, apart."""
    owners = {tenant_tags(PLATFORM, tenant(name))[TENANT_TAG] for name in ("acme", "globex")}
    assert owners | {platform_tags(PLATFORM)[TENANT_TAG]} == {"acme", "globex", "platform"}


def test_tags_are_what_aws_takes() -> None:
    """The longest values that the specs take are tags of AWS."""
    owner = tenant("a" * 19, owner="l" * 60 + "@" + "x" * 60 + ".example", cost_center="c" * 64)
    resource = PlannedResource(type="aws:kms/alias:Alias", name="x", properties={"tags": tenant_tags(PLATFORM, owner)})
    assert [str(one) for one in violations(resource)] == []
