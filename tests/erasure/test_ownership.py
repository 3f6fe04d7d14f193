"""A claim is of one tenant: by its whole id, in the place of a name where an owner stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import naming
from infra.erasure.ownership import Claim, Owner
from tests.components import specs

_PLATFORM = specs.PLATFORM
_ACME = Owner(_PLATFORM, specs.tenant("acme"))
_IDS = st.from_regex(r"[a-z][a-z0-9]{1,18}", fullmatch=True).filter(lambda found: found != naming.PLATFORM)


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("bh-dev-acme-churn", "acme"),
        ("bh-dev-acme", "acme"),
        ("bh-dev-acmeeu-churn", "acmeeu"),
        ("bh-dev-platform-audit", "platform"),
        ("bh-prod-acme-churn", None),
        ("x-bh-dev-acme-churn", None),
        ("/bulkhead/dev/acme/flow-logs", "acme"),
        ("bulkhead/dev/acme/models", "acme"),
        ("alias/bulkhead/dev/acme", "acme"),
        ("Bulkhead/dev/acme", "acme"),
        ("/aws/sagemaker/Endpoints/bh-dev-acme-churn", "acme"),
        ("/aws/sagemaker/Endpoints/bh-dev-acmeeu-churn", "acmeeu"),
        ("bh-dev-acme_churn", None),
    ],
)
def test_a_name_says_its_owner(name: str, owner: str | None) -> None:
    assert _ACME.named(name) == owner


@pytest.mark.parametrize(
    ("arn", "owner"),
    [
        ("arn:aws:s3:::bh-dev-acme-data-1234", "acme"),
        ("arn:aws:iam::123456789012:role/bulkhead/dev/acme/bh-dev-acme-training", "acme"),
        ("arn:aws:logs:eu-central-1:123456789012:log-group:/bulkhead/dev/acme/x:*", "acme"),
        ("arn:aws:sagemaker:eu-central-1:123456789012:model-package/bh-dev-acme-churn/3", "acme"),
        ("arn:aws:kms:eu-central-1:123456789012:key/0000", None),
        ("arn:aws:s3:::somebody/bh-dev-acme-data", None),
        ("arn:aws:secretsmanager:eu-central-1:123456789012:secret:x/bh-dev-acme-y", None),
    ],
)
def test_an_arn_says_its_owner(arn: str, owner: str | None) -> None:
    assert _ACME.named_by_arn(arn) == owner


@pytest.mark.parametrize(
    ("names", "tags", "references", "claim"),
    [
        (("bh-dev-acme-x",), {"tenant": "acme", "stage": "dev"}, (), Claim(("name", "tag"))),
        (("x",), {"tenant": "acme", "stage": "dev"}, (), Claim(("tag",))),
        (("x",), {"tenant": "acme", "stage": "prod"}, (), None),
        (("x",), {"tenant": "acmeeu", "stage": "dev"}, (), None),
        (("x",), {}, ("key",), Claim(("reference",))),
        (("x",), {}, ("another",), None),
        (("bh-dev-acme-x",), {"tenant": "beta"}, (), Claim(("name",), "its tag tenant says that it is of beta")),
        (("bh-dev-beta-x",), {}, ("key",), Claim(("reference",), "its name says that it is of beta")),
    ],
)
def test_a_claim(
    names: tuple[str, ...], tags: dict[str, str], references: tuple[str, ...], claim: Claim | None
) -> None:
    assert _ACME.claim(names, "", tags, references, {"key"}) == claim


def test_a_tag_without_a_stage_claims_and_is_disputed() -> None:
    claim = _ACME.claim(("x",), "", {"tenant": "acme"})
    assert claim is not None
    assert "no tag stage" in claim.dispute


@given(tenant_id=_IDS, other_id=_IDS, tail=st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True))
def test_names_are_of_their_tenant_and_of_no_other(tenant_id: str, other_id: str, tail: str) -> None:
    """Also where the one id is the start of the other."""
    spec = specs.tenant().model_copy(update={"id": tenant_id})
    names = (
        naming.bucket(_PLATFORM, spec, "data"),
        naming.role(_PLATFORM, spec, "training"),
        naming.repository(_PLATFORM, spec),
        naming.endpoint(_PLATFORM, spec, tail),
        naming.endpoint_log_group(_PLATFORM, spec, tail),
        naming.log_group(_PLATFORM, spec, tail),
        naming.key_alias(_PLATFORM, spec),
        naming.metric_namespace(_PLATFORM, spec),
        naming.budget(_PLATFORM, spec),
        naming.alerts_topic(_PLATFORM, spec),
    )
    for other in {other_id, tenant_id + tail, tenant_id[:-1] or "a"} - {tenant_id}:
        owner = Owner(_PLATFORM, specs.tenant().model_copy(update={"id": other}))
        assert not any(owner.claim((name,), "", {}) for name in names)
    own = Owner(_PLATFORM, spec)
    assert all(own.claim((name,), "", {}) == Claim(("name",)) for name in names)
    for name in names[:1]:
        assert own.claim((), naming.bucket_arn(name), {}) == Claim(("arn",))
