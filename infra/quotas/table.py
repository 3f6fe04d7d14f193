"""The repository's table of quotas, ``quotas.yaml``: what AWS limits, by default, and where it publishes that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from ruamel.yaml import YAML

Count = Annotated[int, Field(ge=0)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quota(_Entry):
    """One quota of AWS."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]+$")]
    """How the repository calls it; the platform's spec has the same names in ``quotas``."""
    name: str
    """How Service Quotas calls it; ``{type}`` stands for an instance type."""
    service: str
    """The service's code in Service Quotas."""
    code: Annotated[str, StringConstraints(pattern=r"^L-[0-9A-F]{8}$")] | None
    """The quota's code in Service Quotas; None where it is not there, or is found by its name."""
    default: Count | None
    """What every account starts with; None where AWS publishes no such value."""
    adjustable: bool
    """Whether AWS raises it on request."""
    most: Count | None
    """The value beyond which AWS raises nobody; None where none is published."""
    per: Literal["account", "region", "vpc", "security_group", "instance_type", "document"]
    """What has this quota of its own; rules of a security group are counted in each direction."""
    region: str | None = None
    """The Region in which Service Quotas answers for it; None for that of the platform."""
    source: str
    """The page of AWS's documentation, by title."""


class QuotaTable(_Entry):
    """The quotas at one date."""

    date: dt.date
    quotas: tuple[Quota, ...]


@cache
def table() -> QuotaTable:
    """The repository's own table."""
    text = files("infra.quotas").joinpath("quotas.yaml").read_text(encoding="utf-8")
    return QuotaTable.model_validate(cast("Any", YAML(typ="safe", pure=True)).load(text))


@cache
def quotas() -> Mapping[str, Quota]:
    """The quotas by their keys."""
    return {quota.key: quota for quota in table().quotas}
