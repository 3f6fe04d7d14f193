"""The rule on local storage agrees with EC2's own description of every instance type that endpoints run on."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, cast

import botocore.session
import moto.ec2
import pytest

from infra.instance_types import has_local_storage


def _ec2_types() -> dict[str, dict[str, Any]]:
    """EC2's DescribeInstanceTypes as moto ships it."""
    data = Path(moto.ec2.__file__).parent / "resources" / "instance_types.json.gz"
    return json.loads(gzip.decompress(data.read_bytes()))


def _endpoint_types() -> list[str]:
    model = botocore.session.get_session().get_service_model("sagemaker")
    return cast("list[str]", cast("Any", model.shape_for("ProductionVariantInstanceType")).enum)


def test_every_endpoint_instance_type_agrees_with_ec2() -> None:
    """For each instance type of SageMaker endpoints that EC2 describes, we say what EC2 says."""
    described = _ec2_types()
    compared = {
        name: (has_local_storage(name), described[name.removeprefix("ml.")]["InstanceStorageSupported"])
        for name in _endpoint_types()
        if name.removeprefix("ml.") in described
    }
    assert len(compared) > 200
    assert {name: pair for name, pair in compared.items() if pair[0] != pair[1]} == {}
    assert {ours for ours, _ in compared.values()} == {True, False}


@pytest.mark.parametrize(
    ("instance_type", "local"),
    [
        ("ml.m5.large", False),
        ("ml.m5d.large", True),
        ("ml.g4dn.xlarge", True),
        ("ml.g5.xlarge", True),
        ("ml.p3.2xlarge", False),
        ("ml.p4d.24xlarge", True),
        ("ml.c6gd.large", True),
        ("ml.c6gn.large", False),
        ("ml.inf2.xlarge", False),
        ("ml.dl1.24xlarge", True),
    ],
)
def test_known_types(instance_type: str, local: bool) -> None:
    """The families that the SageMaker documentation names, and their plain neighbours."""
    assert has_local_storage(instance_type) is local
