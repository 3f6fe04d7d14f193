"""The table agrees with the specs, with the sizes that the evaluator knows, and with what moto has of AWS's answers."""

from __future__ import annotations

from collections import Counter

import pytest
from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS

from infra.evaluator.grammar.sizes import MANAGED_POLICY
from infra.quotas.counting import counted
from infra.quotas.reading_use import ACTIONS, READS
from infra.quotas.table import Quota, quotas, table
from infra.spec.platform import ServiceQuotas
from tests.quotas.samples import stack

_OF_VPC = {each["QuotaCode"]: each for each in VPC_DEFAULT_QUOTAS}


def test_each_key_and_code_stands_once() -> None:
    repeated = Counter(each.key for each in table().quotas) + Counter(
        f"{each.service} {each.code}" for each in table().quotas if each.code
    )
    assert {name for name, count in repeated.items() if count > 1} == set()
    assert len(quotas()) == len(table().quotas)


@pytest.mark.parametrize("quota", [each for each in table().quotas if each.service == "vpc"], ids=lambda each: each.key)
def test_the_quotas_of_vpcs_are_those_that_service_quotas_answers(quota: Quota) -> None:
    """Code, name, default and whether it is raised, as moto recorded them of AWS."""
    answered = _OF_VPC[quota.code or ""]
    assert (quota.name, quota.default, quota.adjustable) == (
        answered["QuotaName"],
        answered["Value"],
        answered["Adjustable"],
    )


def test_the_spec_starts_with_the_same_defaults() -> None:
    defaults = ServiceQuotas().model_dump()
    assert {key: quotas()[key].default for key in defaults} == defaults


def test_a_policy_may_be_as_long_as_the_evaluator_says() -> None:
    assert quotas()["managed_policy_characters"].default == MANAGED_POLICY.most


def test_the_use_of_every_quota_is_read() -> None:
    """But for that of documents, of which each has the quota for itself."""
    read = {key for each in READS for key in each.quotas}
    assert read == {each.key for each in table().quotas if each.per != "document"}
    assert all(action.partition(":")[2] for action in ACTIONS)


@pytest.mark.parametrize("owner", ["platform", "acme", "globex"])
def test_what_is_counted_is_in_the_table(owner: str) -> None:
    found = {place.quota for place in counted(stack(owner))}
    assert found
    assert found <= set(quotas())
