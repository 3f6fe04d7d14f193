"""How programs start: their provider, the outputs that cross between stacks, and how mistakes are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import set_all_config

from components.provider import aws_provider
from infra.errors import UserError
from infra.tags import platform_tags
from stacks import outputs
from stacks.program import platform_file, specs_folder, user_errors
from tests.components.recorder import record
from tests.components.specs import PLATFORM


def provider(config: Mapping[str, str]) -> Mapping[str, Any]:
    """The inputs of the provider under a stack's configuration."""

    def program() -> None:
        set_all_config(dict(config))
        aws_provider(PLATFORM, platform_tags(PLATFORM))

    try:
        return record(program).one("pulumi:providers:aws")
    finally:
        set_all_config({})


def test_the_provider_works_in_the_platforms_account_and_region_and_tags_everything() -> None:
    """Another account is refused by AWS's provider itself; every resource says whose it is."""
    inputs = provider({})
    assert inputs["region"] == PLATFORM.region
    assert json.loads(inputs["allowedAccountIds"]) == [PLATFORM.account]
    assert json.loads(inputs["defaultTags"])["tags"]["tenant"] == "platform"
    assert "s3UsePathStyle" not in inputs
    assert not {"accessKey", "secretKey", "token"} & set(inputs)


def test_the_stacks_configuration_of_the_provider_is_honoured() -> None:
    """What Pulumi's own provider would take from the configuration reaches ours."""
    roles = [{"roleArn": "arn:aws:iam::123456789012:role/provisioning", "sessionName": "ci"}]
    inputs = provider({"aws:s3UsePathStyle": "true", "aws:assumeRoles": json.dumps(roles), "aws:profile": "ml"})
    assert json.loads(inputs["s3UsePathStyle"]) is True
    assert json.loads(inputs["assumeRoles"]) == roles
    assert inputs["profile"] == "ml"


def test_the_account_and_region_cannot_be_configured_away() -> None:
    """The spec decides where the stacks go, not the stack's configuration."""
    inputs = provider({"aws:region": "us-east-1", "aws:allowedAccountIds": '["999999999999"]'})
    assert inputs["region"] == PLATFORM.region
    assert json.loads(inputs["allowedAccountIds"]) == [PLATFORM.account]


@pytest.mark.parametrize("change", [{"stages": "dev"}, {}])
def test_an_output_that_tenants_do_not_know_or_miss_is_a_mistake_of_the_program(change: dict[str, str]) -> None:
    """The export is checked against what tenants read."""
    with pytest.raises(TypeError, match=r"miss .*'account'"):
        outputs.export(outputs.PlatformOutputs, {"stage": "dev", **change})


def test_a_users_mistake_ends_the_program_without_a_stack_trace() -> None:
    """Pulumi shows the message and the remedy of a `RunError`, and nothing else."""
    with pytest.raises(pulumi.RunError, match=r"no such zone\n  remedy: choose another"), user_errors():
        raise UserError("no such zone", remedy="choose another")


def test_a_defect_keeps_its_stack_trace() -> None:
    """Only a user's mistakes are shortened."""
    with pytest.raises(KeyError), user_errors():
        raise KeyError("x")


def test_specs_are_found_beside_the_programs_unless_the_environment_names_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The plain CLI works in a fresh checkout, and other specs can be named."""
    monkeypatch.delenv("BULKHEAD_PLATFORM_SPEC", raising=False)
    monkeypatch.delenv("BULKHEAD_SPECS", raising=False)
    assert platform_file().is_file()
    assert (specs_folder() / "acme.yaml").is_file()
    monkeypatch.setenv("BULKHEAD_PLATFORM_SPEC", "elsewhere/platform.yaml")
    monkeypatch.setenv("BULKHEAD_SPECS", "elsewhere/specs")
    assert (platform_file(), specs_folder()) == (Path("elsewhere/platform.yaml"), Path("elsewhere/specs"))
