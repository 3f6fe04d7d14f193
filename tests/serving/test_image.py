"""The image's recipe: pinned like the sandbox's own environment, and without root."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGE = ROOT / "serving_containers" / "sklearn"


def _pins(path: Path) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", path.read_text(), re.MULTILINE):
        pins.setdefault(name, set()).add(version)
    return pins


def test_every_requirement_has_one_version_and_hashes() -> None:
    lock = (IMAGE / "requirements.lock").read_text()
    pins = _pins(IMAGE / "requirements.lock")
    assert pins
    assert all(len(versions) == 1 for versions in pins.values())
    for block in re.split(r"(?m)^(?=\S)", lock)[1:]:
        assert "--hash=sha256:" in block, block


def test_the_image_has_the_versions_that_the_sandbox_runs() -> None:
    """What works in the embedded cloud is what is deployed."""
    ours = _pins(ROOT / "requirements.lock")
    differing = {
        name: versions for name, versions in _pins(IMAGE / "requirements.lock").items() if not versions <= ours[name]
    }
    assert not differing


def test_the_image_runs_without_root_and_takes_no_unpinned_package() -> None:
    recipe = (IMAGE / "Dockerfile").read_text()
    final = recipe.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root|0)", final, re.MULTILINE)
    assert final.index("USER") < final.index("ENTRYPOINT")
    assert recipe.count("pip install") == recipe.count("--require-hashes") == 1
    assert "ADD " not in recipe
