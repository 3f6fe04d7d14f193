"""The price table of the repository: dated list prices of one Region."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

Price = Annotated[float, Field(gt=0)]


class _Prices(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FixedPrices(_Prices):
    """What is charged for being there, whether it is used or not."""

    interface_endpoint_zone_hour: Price
    kms_key_month: Price
    alarm_metric_month: Price


class UsagePrices(_Prices):
    """What is charged by use."""

    endpoint_data_gb: Price
    kms_requests_10k: Price
    log_ingest_gb: Price
    log_storage_gb_month: Price
    s3_storage_gb_month: Price
    ecr_storage_gb_month: Price
    trail_data_events_100k: Price
    config_item: Price
    config_evaluation: Price
    guardduty_events_million: Price
    sagemaker_data_gb: Price


class PriceTable(_Prices):
    """List prices of one Region at one date."""

    date: dt.date
    region: str
    currency: Literal["USD"]
    hours_per_month: Annotated[int, Field(ge=672, le=744)]
    fixed: FixedPrices
    usage: UsagePrices
    sagemaker_hosting_hour: Mapping[str, Price]
    """Instance type to the price of an hour of one instance of an endpoint."""
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    """The pages of AWS that publish the prices, by title."""


@cache
def prices() -> PriceTable:
    """The repository's own table, ``prices.yaml``."""
    text = files("infra.pricing").joinpath("prices.yaml").read_text(encoding="utf-8")
    return PriceTable.model_validate(cast("Any", YAML(typ="safe", pure=True)).load(text))
