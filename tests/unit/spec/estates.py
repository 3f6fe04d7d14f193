"""Spec files in a temporary folder: valid documents that a test changes, and what the loader says of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from infra.spec import Estate, SpecErrors, SpecProblem, load_estate

Document = dict[str, Any]

PLATFORM: Document = {
    "stage": "dev",
    "account": "123456789012",
    "region": "eu-central-1",
    "availability_zones": ["eu-central-1a", "eu-central-1b"],
    "cells": [{"name": "main", "cidr": "10.64.0.0/16"}],
    "cost_center": "ml-platform",
    "provisioning": {"trusted_principals": ["arn:aws:iam::123456789012:role/ci"]},
}


def tenant(tenant_id: str = "acme", *, cidr: str = "10.64.0.0/24", cell: str | None = "main") -> Document:
    """A valid tenant of tier pool with one served model, or of tier silo where there is no cell."""
    network = {"cidr": cidr} if cell is None else {"cidr": cidr, "cell": cell}
    return {
        "id": tenant_id,
        "display_name": tenant_id.title(),
        "owner": f"lead@{tenant_id}.example",
        "tier": "silo" if cell is None else "pool",
        "region": "eu-central-1",
        "data_residency": ["eu-central-1"],
        "cost_center": tenant_id,
        "monthly_budget": {"limit_usd": 900, "contacts": [f"finops@{tenant_id}.example"]},
        "network": network,
        "identity": {
            "deploy": {"repository": f"{tenant_id}/models", "environment": "production"},
            "data_scientists": f"{tenant_id}-scientists",
        },
        "models": [model()],
    }


def model(name: str = "tumour") -> Document:
    """A valid served model."""
    artifact = {"key": f"{name}/1/model.tar.gz"}
    return {"name": name, "framework": "sklearn", "image_tag": "1.0.0", "artifact": artifact}


def changed(document: Mapping[str, Any], *changes: tuple[str, Any]) -> Document:
    """A copy of `document` with values set by dotted key; ``...`` removes the key."""
    result = copy.deepcopy(dict(document))
    for dotted, value in changes:
        *parents, last = [int(part) if part.isdigit() else part for part in dotted.split(".")]
        inner: Any = result
        for part in parents:
            inner = inner[part] if isinstance(part, int) else inner.setdefault(part, {})
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
    return result


@dataclass
class Files:
    """The files of an estate below `folder`; `platform` and `tenants` are written when it is loaded."""

    folder: Path
    platform: Document = field(default_factory=lambda: copy.deepcopy(PLATFORM))
    tenants: list[Document] = field(default_factory=lambda: [tenant()])

    @property
    def platform_file(self) -> Path:
        """Where the platform's spec is written."""
        return self.folder / "platform.yaml"

    @property
    def specs(self) -> Path:
        """The folder of the tenants' specs."""
        return self.folder / "specs"

    def load(self) -> Estate:
        """Write the documents and load them."""
        self.write()
        return load_estate(self.platform_file, self.specs)

    def write(self) -> None:
        """Write the documents in place of what is there."""
        self.specs.mkdir(exist_ok=True)
        for file in self.specs.iterdir():
            file.unlink()
        self.platform_file.write_text(yaml.safe_dump(self.platform, sort_keys=False))
        for document in self.tenants:
            (self.specs / f"{document['id']}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))

    def problems(self) -> tuple[SpecProblem, ...]:
        """Write the documents, load them, and return what is wrong; empty where nothing is."""
        try:
            self.load()
        except SpecErrors as errors:
            return errors.problems
        return ()

    def problem(self) -> SpecProblem:
        """The only problem that the documents have."""
        (problem,) = self.problems()
        return problem
