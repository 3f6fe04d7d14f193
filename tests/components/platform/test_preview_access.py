"""The role of previews exists where the platform's spec asks for it, and nowhere else."""

from __future__ import annotations

import json

from infra.spec import PlatformSpec
from infra.spec.platform import PreviewIdentity
from stacks.platform import build_platform
from tests.components.recorder import Recorder, record
from tests.components.specs import PLATFORM

_ROLE = "bh-dev-platform-preview"


def _built(platform: PlatformSpec) -> Recorder:
    return record(lambda: build_platform(platform))


def test_it_is_made_where_it_is_asked_for() -> None:
    """With its own policy, and trusted by its repository alone."""
    preview = PreviewIdentity(repository="octo/platform", state_bucket="octo-state")
    made = _built(PLATFORM.model_copy(update={"preview": preview}))
    (role,) = [each.inputs for each in made.of("iam/role:Role") if each.inputs["name"] == _ROLE]
    assert "repo:octo/platform:environment:preview" in role["assumeRolePolicy"]
    (policy,) = [each.inputs for each in made.of("iam/rolePolicy:RolePolicy") if each.inputs["role"] == _ROLE]
    assert {each["Sid"] for each in json.loads(policy["policy"])["Statement"]} == {
        "FindState",
        "ReadState",
        "ReadDigestsOfModels",
    }


def test_without_it_there_is_none() -> None:
    """The control: a platform that previews nothing has no such role."""
    assert _ROLE not in str([each.inputs for each in _built(PLATFORM).resources])
