"""The price table names instance types that SageMaker has, so that a misspelt one is noticed."""

from __future__ import annotations

from typing import Any, cast

import botocore.session

from infra.pricing import prices


def test_every_priced_instance_type_exists() -> None:
    """Each is one that an endpoint's variant can have, by the SDK's own model of the API."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    known = cast("list[str]", cast("Any", model.shape_for("ProductionVariantInstanceType")).enum)
    assert set(prices().sagemaker_hosting_hour) <= set(known)


def test_larger_instances_of_a_family_cost_more() -> None:
    """Within a family the price grows with the size."""
    order = [
        "medium",
        "large",
        "xlarge",
        "2xlarge",
        "4xlarge",
        "8xlarge",
        "9xlarge",
        "12xlarge",
        "18xlarge",
        "24xlarge",
    ]
    families: dict[str, list[tuple[int, float]]] = {}
    for name, price in prices().sagemaker_hosting_hour.items():
        _, family, size = name.split(".")
        families.setdefault(family, []).append((order.index(size), price))
    for family, sizes in families.items():
        by_size = [price for _, price in sorted(sizes)]
        assert by_size == sorted(set(by_size)), family
