"""The loader: one parse, the tiers' defaults, and every problem of every file at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.errors import UserError
from infra.spec import SpecErrors, load_estate, load_platform, load_tenant
from infra.spec.translate import PATTERN_WORDS
from tests.unit.spec.estates import Files, changed, model, tenant

ROOT = Path(__file__).parents[3]


def test_the_demo_estate_loads() -> None:
    """The repository's own specs are valid, and Globex has its tier's quotas."""
    estate = load_estate(ROOT / "stacks/platform.yaml", ROOT / "tenant_stacks/specs")
    assert list(estate.tenants) == ["acme", "globex"]
    assert estate.tenants["globex"].quotas.max_models == 10
    assert estate.tenant_files["acme"].name == "acme.yaml"


def test_single_specs_load(files: Files) -> None:
    """The platform alone, and a tenant with its platform's defaults, load to the same values as the estate."""
    files.platform = changed(files.platform, ("tiers.pool.retention.logs_days", 30))
    estate = files.load()
    assert load_platform(files.platform_file) == estate.platform
    assert load_tenant(files.platform_file, files.specs / "acme.yaml") == (estate.platform, estate.tenants["acme"])


def test_defaults_of_the_tier_are_merged_below_the_tenants_own_keys(files: Files) -> None:
    """Mappings are merged key by key, lists are taken whole, and the other tier's defaults do not apply."""
    files.platform = changed(
        files.platform,
        ("tiers.pool.retention", {"logs_days": 30, "capture_days": 7}),
        ("tiers.pool.data_residency", ["eu-central-1", "eu-west-1"]),
        ("tiers.pool.monthly_budget", {"limit_usd": 5}),
        ("tiers.silo.quotas", {"max_models": 1}),
    )
    files.tenants = [
        changed(
            tenant(), ("retention", {"capture_days": 9}), ("data_residency", ...), ("monthly_budget.limit_usd", ...)
        )
    ]
    acme = files.load().tenants["acme"]
    assert (acme.retention.logs_days, acme.retention.capture_days) == (30, 9)
    assert acme.data_residency == ("eu-central-1", "eu-west-1")
    assert acme.monthly_budget.limit_usd == 5
    assert acme.quotas.max_models == 5


def test_a_dumped_platform_loads_again(files: Files) -> None:
    """What a default does not say is not there when the spec is written out again."""
    files.platform = changed(files.platform, ("tiers.pool.quotas", {"max_models": 2}))
    platform = files.load().platform
    files.platform = platform.model_dump(mode="json")
    assert files.platform["tiers"] == {"pool": {"quotas": {"max_models": 2}}}
    assert files.load().platform == platform


def test_a_mistake_in_a_default_is_the_platforms(files: Files) -> None:
    """A tier's default is checked like a tenant's key, and reported once, in the platform's file."""
    files.platform = changed(files.platform, ("tiers.pool.quotas", {"max_model": 2, "max_endpoint_instances": -1}))
    files.tenants = [tenant(), tenant("beta", cidr="10.64.1.0/24")]
    problems = files.problems()
    assert {problem.file for problem in problems} == {files.platform_file}
    assert [problem.key for problem in problems] == [
        "tiers.pool.quotas.max_model",
        "tiers.pool.quotas.max_endpoint_instances",
    ]


def test_a_default_that_does_not_fit_one_tenant_names_it(files: Files) -> None:
    """A value that only together with a tenant's own is wrong is shown where it was written, and for whom."""
    files.platform = changed(files.platform, ("tiers.pool.region", "eu-west-1"))
    files.tenants = [changed(tenant(), ("region", ...))]
    problems = files.problems()
    assert {(problem.file, problem.key) for problem in problems} == {(files.platform_file, "tiers.pool.region")}
    assert all(problem.message.endswith("(for acme)") for problem in problems)


def test_identity_is_no_default(files: Files) -> None:
    """What makes a tenant this tenant cannot come from its tier."""
    files.platform = changed(files.platform, ("tiers.pool", {"id": "x", "models": []}))
    assert {problem.key for problem in files.problems()} == {"tiers.pool.id", "tiers.pool.models"}


def test_all_problems_of_all_files_at_once(files: Files) -> None:
    """One error holds every problem, ordered by file and line, each with its remedy; it is shown as text."""
    files.platform = changed(files.platform, ("region", "Frankfurt"), ("cells.0.cidr", "10.64.0.1/16"))
    files.tenants = [
        changed(tenant(), ("tier", "pol"), ("models.0.instances", {"min": 5, "max": 2})),
        changed(tenant("beta"), ("ownr", "x"), ("owner", ...)),
    ]
    with pytest.raises(SpecErrors) as caught:
        files.load()
    assert isinstance(caught.value, UserError)
    found = [(problem.file.name, problem.key) for problem in caught.value.problems]
    assert found == [
        ("platform.yaml", "region"),
        ("platform.yaml", "cells[0].cidr"),
        ("acme.yaml", "tier"),
        ("acme.yaml", "models[0].instances"),
        ("beta.yaml", "owner"),
        ("beta.yaml", "ownr"),
    ]
    text = str(caught.value)
    assert "the specs have 6 problems" in text
    for problem in caught.value.problems:
        assert problem.remedy in text
        assert f"{problem.file}:{problem.line}" in text
    assert "write 10.64.0.0/16" in text
    assert "did you mean pool?" in text


@pytest.mark.parametrize(
    ("key", "value", "message", "remedy"),
    [
        ("id", "Acme!", "right form", "2 to 19 lower-case letters"),
        ("id", "platform", "keeps this name", "another id"),
        ("id", "a-b", "right form", "lower-case"),
        ("quota", {}, "unknown key", "did you mean quotas?"),
        ("zzz", 1, "unknown key", "the keys here are id,"),
        ("quotas.max_model", 1, "unknown key", "did you mean max_models?"),
        ("models.0.instance_typ", "ml.m5.large", "unknown key", "did you mean instance_type?"),
        ("quotas", None, "expected a mapping", "key: value"),
        ("quotas.max_models", "5", "expected a whole number, got text", "without quotes"),
        ("quotas.max_models", 1.5, "expected a whole number", "whole number"),
        ("quotas.max_models", True, "expected a whole number, got true or false", "whole number"),
        ("lifecycle.prevent_deletion", "no", "expected true or false, got text", "true or false"),
        ("models.0.image_tag", 1.0, "expected text, got a number", "in quotes"),
        ("data_residency", "eu-central-1", "expected a list, got text", "[a, b]"),
        ("display_name", "", "too short", "at least 1 characters"),
        ("display_name", "x" * 81, "too long", "at most 80 characters"),
        ("owner", "somebody", "not an e-mail address", "address like"),
        ("compliance", ["gdrp"], "not a value that is allowed", "did you mean gdpr?"),
        ("retention.logs_days", 2, "not a value that is allowed", "write one of 1, 3, 5"),
        ("models.0.framework", "torch", "not a value", "write sklearn"),
        ("monthly_budget.limit_usd", 0, "too small", "more than 0"),
        ("monthly_budget.contacts", [], "too short", "at least 1 entries"),
        ("monthly_budget.contacts", [f"a{n}@b.example" for n in range(11)], "too long", "at most 10 entries"),
        ("monthly_budget.alert_percent", [201], "too large", "200 or less"),
        ("monthly_budget.alert_percent", [80, 80], "80 is there twice", "remove one"),
        ("monthly_budget.alert_percent", [1, 2, 3, 4, 5, 6], "too long", "at most 5 entries"),
        ("monthly_budget.contacts", ["a@b.example", "a@b.example"], "a@b.example is there twice", "remove one"),
        ("network.cidr", "10.64.0.1/24", "first address", "write 10.64.0.0/24"),
        ("network.cidr", "10.64.0.0/33", "not a range", "CIDR notation"),
        ("network.cidr", "8.8.8.0/24", "not private", "10.0.0.0/8"),
        ("network.cidr", "169.254.0.0/24", "not private", "10.0.0.0/8"),
        ("network.cidr", "10.64.0.0/29", "cannot be a /29", "/16 to /28"),
        ("tags", {"aws:x": "y"}, "AWS keeps tags", "another prefix"),
        ("tags", {"x": "<y>"}, "right form", "letters, digits"),
        ("models.0.artifact.key", "../model.tar.gz", "right form", "<model>/<version>"),
        ("models.0.artifact.key", "a//model.tar.gz", "not a plain path", "<model>/<version>"),
        ("models.0.instances", {"min": 5, "max": 2}, "min (5) is greater than max (2)", "raise max to 5"),
        ("models.0.name", "x" * 23, "right form", "1 to 22"),
        ("owner", ..., "owner is missing", "add owner"),
    ],
)
def test_plain_words(files: Files, key: str, value: Any, message: str, remedy: str) -> None:
    """Each kind of mistake is one problem that names the key, says what is wrong in plain words, and what to write."""
    assert files.problems() == ()
    file = files.specs / "acme.yaml"
    document = changed(tenant(), (key, value))
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    with pytest.raises(SpecErrors) as caught:
        load_tenant(files.platform_file, file)
    (problem,) = caught.value.problems
    assert problem.key.replace("[", ".").replace("]", "").startswith(key)
    assert message in problem.message
    assert remedy in problem.remedy


def test_every_pattern_has_words() -> None:
    """No mistake is answered with a regular expression: every pattern of the schemas has its words."""
    schemas = (ROOT / "docs/schema").glob("*.json")
    assert {pattern for schema in schemas for pattern in _patterns(schema)} == set(PATTERN_WORDS)


def _patterns(schema: Path) -> set[str]:
    found: set[str] = set()

    def collect(node: dict[str, Any]) -> dict[str, Any]:
        found.update(value for key, value in node.items() if key == "pattern" and isinstance(value, str))
        return node

    json.loads(schema.read_text(), object_hook=collect)
    return found


def test_files_that_would_be_overlooked(files: Files) -> None:
    """A ``.yml`` file is a problem, a hidden one (an editor's) is none, and an absent folder is one."""
    files.write()
    (files.specs / ".acme.yaml.swp").write_text("x")
    (files.specs / ".#acme.yaml").write_text("x")
    assert load_estate(files.platform_file, files.specs).tenants
    (files.specs / "beta.yml").write_text("x")
    with pytest.raises(SpecErrors, match=r"rename it to beta\.yaml"):
        load_estate(files.platform_file, files.specs)
    with pytest.raises(SpecErrors, match="does not exist"):
        load_estate(files.platform_file, files.folder / "absent")


def test_a_broken_platform_hides_no_tenants_problem(files: Files) -> None:
    """A platform's file that is no YAML does not keep the tenants' own problems from being shown."""
    files.tenants = [changed(tenant(), ("models", [changed(model(), ("name", "X"))]))]
    files.write()
    files.platform_file.write_text("stage: [")
    with pytest.raises(SpecErrors) as caught:
        load_estate(files.platform_file, files.specs)
    assert {problem.file.name for problem in caught.value.problems} == {"platform.yaml", "acme.yaml"}
