"""The image's recipe agrees with the versions that are locked and with the manifests that run it."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

from a_service import SERVICE

from infra.kubernetes.configuration import PORT
from infra.kubernetes.workloads import USER, deployment, workloads

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "Dockerfile").read_text()
_PINNED = re.compile(r"^([A-Za-z0-9_.\-\[\]]+)==(\S+)", re.MULTILINE)


def locked(file: str) -> dict[str, str]:
    return dict(_PINNED.findall((ROOT / file).read_text()))


def test_the_engine_and_its_plugin_are_those_of_the_lock() -> None:
    assert f"pulumi/pulumi-base:{version('pulumi')} " in RECIPE
    assert f"plugin install resource aws {version('pulumi-aws')}" in RECIPE


def test_what_the_service_needs_is_part_of_what_is_tested() -> None:
    """The same versions, and neither the embedded cloud nor what only tests need."""
    everything, service = locked("requirements.lock"), locked("requirements-service.lock")
    assert service.items() <= everything.items()
    assert {"fastapi", "dbos", "uvicorn", "standardwebhooks", "pulumi-aws", "boto3"} <= service.keys()
    assert not {"moto", "pytest", "ruff", "scikit-learn"} & service.keys()
    for builder in ("hatchling", "editables"):
        assert f"{builder}=={everything[builder]}" in RECIPE


def test_everything_is_installed_by_its_hash() -> None:
    assert "--require-hashes" in RECIPE
    assert "--no-deps" in RECIPE
    assert not re.search(r"\b(curl|wget|ADD)\b", RECIPE)


def test_it_runs_as_the_user_of_the_manifests() -> None:
    assert f"USER {USER}:{USER}\n" in RECIPE
    assert f"--uid {USER} " in RECIPE
    assert f"EXPOSE {PORT}\n" in RECIPE


def test_the_plugins_are_where_the_manifests_look_for_them() -> None:
    (first, *_) = workloads(SERVICE)
    (linking,) = deployment(SERVICE, first)["spec"]["template"]["spec"]["initContainers"]
    folder = linking["command"][2].rpartition("/")[0]
    assert f"PULUMI_HOME={folder}\n" in RECIPE
    assert f"COPY --from=engine {folder} {folder}\n" in RECIPE


def test_what_is_private_to_a_checkout_stays_out() -> None:
    """Everything is left out but what is named; specs and stack settings are never in the image."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert lines[1] == "*"
    assert {"infra", "components", "stacks", "tenant_stacks", "Pulumi.yaml", "requirements-service.lock"} <= kept
    assert not {".git", ".bulkhead", "tests", "bulkhead.yaml"} & kept
    assert {"tenant_stacks/specs", "stacks/platform.yaml", "**/Pulumi.*.yaml"} <= set(lines)
