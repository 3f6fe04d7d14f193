"""Which stacks a change touches and why: each kind of file, and the files that touch none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.changes import Repository, Touched, touched
from infra.changes.touched import Fate
from infra.errors import UserError
from infra.spec import load_estate
from tests.changes.checkout import Checkout

_ALL = {"platform", "acme", "globex"}
_TENANTS = {"acme", "globex"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def _touched(checkout: Checkout, deployed: set[str] | None = None) -> Touched:
    return touched(
        Repository(checkout.root),
        "main",
        load_estate(checkout.platform, checkout.specs),
        _ALL if deployed is None else deployed,
        root=checkout.root,
        specs=checkout.specs,
    )


def _why(found: Touched) -> dict[str, list[str]]:
    return {each.stack: [reason.why for reason in each.reasons] for each in found.stacks}


def _fates(found: Touched) -> dict[str, Fate]:
    return {each.stack: each.fate for each in found.stacks}


def test_nothing_touches_nothing(checkout: Checkout) -> None:
    """The control: without a change there is no stack and no file."""
    found = _touched(checkout)
    assert (found.stacks, found.idle, found.base) == ((), (), found.head)


def test_a_tenants_spec_touches_its_stack(checkout: Checkout) -> None:
    """Only acme's stack is touched by acme's spec."""
    checkout.edit("tenant_stacks/specs/acme.yaml", "ml.m5.large", "ml.m5.xlarge")
    assert _why(_touched(checkout)) == {"acme": ["its spec"]}


def test_a_new_tenant(checkout: Checkout) -> None:
    """A spec that is new and has no stack is a new tenant; one that has a stack already is not."""
    text = (checkout.specs / "acme.yaml").read_text().replace("id: acme", "id: initech").replace("64.0.0", "64.1.0")
    checkout.write("tenant_stacks/specs/initech.yaml", text)
    assert _fates(_touched(checkout)) == {"initech": "new"}
    assert _fates(_touched(checkout, {*_ALL, "initech"})) == {"initech": "changed"}


def test_a_deleted_spec(checkout: Checkout) -> None:
    """A deleted spec whose stack is there is told as a deletion; without a stack there is nothing to delete."""
    (checkout.specs / "globex.yaml").unlink()
    found = _touched(checkout)
    assert (_fates(found), _why(found)) == ({"globex": "deleted"}, {"globex": ["its spec was deleted"]})
    without = _touched(checkout, {"platform", "acme"})
    assert (without.stacks, [each.why for each in without.idle]) == ((), ["there is no stack globex"])


#: A path, what is written into it, the stacks that it touches, and a part of the reason.
_FILES: dict[str, tuple[str, set[str], str]] = {
    "components/storage/buckets.py": ("", {"acme", "globex"}, "imported by tenant_stacks.tenant"),
    "components/governance/trail.py": ("", {"platform"}, "imported by components.governance"),
    "components/storage/private_bucket.py": ("", _ALL, "imported by components."),
    "components/storage/__init__.py": ("", _ALL, "imported by components.storage"),
    "infra/naming.py": ("", _ALL, "imported by"),
    "infra/policies/key.py": ("", _ALL, "imported by"),
    "infra/spec/instance_types.txt": ("", _ALL, "data of infra.spec"),
    "infra/constraints/kms.py": ("", _ALL, "imported by infra.constraints"),
    "stacks/__main__.py": ("", {"platform"}, "the program itself"),
    "tenant_stacks/__main__.py": ("", _TENANTS, "the program itself"),
    "requirements.lock": ("x", _ALL, "versions"),
    "infra/engine/find/module/go.mod": ("x", _ALL, "version of the engine"),
    "Pulumi.yaml": ("x", {"platform"}, "project's settings"),
    "tenant_stacks/Pulumi.yaml": ("x", _TENANTS, "project's settings"),
    "tenant_stacks/Pulumi.acme.yaml": ("x", {"acme"}, "settings of the stack"),
    "Pulumi.platform.yaml": ("x", {"platform"}, "settings of the stack"),
    "bulkhead.yaml": ("x", _ALL, "settings of every run"),
    "docs/guide.md": ("x", set(), "no program reads it"),
    "infra/spec/README.md": ("x", set(), "no program reads it"),
    "tests/unit/test_naming.py": ("x", set(), "no program reads it"),
    "infra/cli/main.py": ("x", set(), "neither program imports infra.cli.main"),
    "infra/pricing/prices.yaml": ("x", set(), "neither program imports infra.pricing"),
    "infra/sandbox/aws/check.py": ("x", set(), "neither program imports"),
    "serving_containers/sklearn/server.py": ("x", set(), "neither program imports"),
    "Pulumi.acme.yaml": ("x", set(), "no project"),
    "tenant_stacks/Pulumi.nobody.yaml": ("x", set(), "there is no stack nobody"),
    "tenant_stacks/specs/README.md": ("x", set(), "no program reads it"),
}


@pytest.mark.parametrize("path", _FILES)
def test_a_file(checkout: Checkout, path: str) -> None:
    """Every kind of file touches the stacks whose program reads it, and says so."""
    text, stacks, why = _FILES[path]
    checkout.write(path, text)
    found = _touched(checkout)
    assert {each.stack for each in found.stacks} == stacks
    said = [reason.why for each in found.stacks for reason in each.reasons] + [each.why for each in found.idle]
    assert said
    assert all(why in each for each in said), said


def test_a_module_that_is_gone(checkout: Checkout) -> None:
    """A deleted module counts where its package is in use: what imported it is another program now."""
    checkout.write("components/storage/gone.py", "")
    checkout.write("infra/cli/gone.py", "")
    checkout.commit("there")
    (checkout.root / "components" / "storage" / "gone.py").unlink()
    (checkout.root / "infra" / "cli" / "gone.py").unlink()
    found = _touched(checkout)
    assert {each.stack for each in found.stacks} == _ALL
    assert [each.file for each in found.idle] == ["infra/cli/gone.py"]


@pytest.mark.parametrize(
    ("old", "new", "stacks"),
    [
        ('version = "0.1.0"', 'version = "0.2.0"', _ALL),
        ("pulumi-aws==7.51.1", "pulumi-aws==7.52.0", _ALL),
        ("line-length = 120", "line-length = 100", set[str]()),
        ("hypothesis>=6.120", "hypothesis>=6.130", set[str]()),
    ],
)
def test_the_projects_file(checkout: Checkout, old: str, new: str, stacks: set[str]) -> None:
    """The blueprint's version and dependencies touch everything; what is for people and tools touches nothing."""
    checkout.edit("pyproject.toml", old, new)
    assert {each.stack for each in _touched(checkout).stacks} == stacks


def _tags(checkout: Checkout) -> None:
    checkout.edit("stacks/platform.yaml", "tags: {team: ml-platform}", "tags: {team: other}")


def _zones(checkout: Checkout) -> None:
    checkout.edit("stacks/platform.yaml", ", eu-central-1c]", "]")


def _tier(checkout: Checkout) -> None:
    checkout.edit("stacks/platform.yaml", "retention: {logs_days: 90,", "retention: {logs_days: 60,")


def _retention(checkout: Checkout) -> None:
    checkout.edit("stacks/platform.yaml", "audit_days: 400", "audit_days: 500")


def _cell(checkout: Checkout) -> None:
    checkout.edit("stacks/platform.yaml", "10.64.0.0/16", "10.64.0.0/17")


def _another_cell(checkout: Checkout) -> None:
    checkout.edit("stacks/platform.yaml", "cells:\n", "cells:\n  - {name: second, cidr: 10.66.0.0/16}\n")


_PLATFORM: dict[str, tuple[Callable[[Checkout], None], set[str], str]] = {
    "zones": (_zones, _ALL, "the platform's availability_zones differ"),
    "its own tags": (_tags, {"platform"}, "its spec"),
    "defaults of tier pool": (_tier, {"platform", "acme"}, "its tier's defaults of retention differ"),
    "what is the platform's only": (_retention, {"platform"}, "its spec"),
    "the cell of acme": (_cell, {"platform", "acme"}, "the platform's cell main differ"),
    "a cell of nobody": (_another_cell, {"platform"}, "its spec"),
}


@pytest.mark.parametrize("case", _PLATFORM)
def test_the_platforms_spec(checkout: Checkout, case: str) -> None:
    """It touches the platform, and those tenants whose resources are made of what differs."""
    change, stacks, why = _PLATFORM[case]
    change(checkout)
    found = _touched(checkout)
    assert {each.stack for each in found.stacks} == stacks
    assert any(why in each for name in _why(found).values() for each in name)


def test_a_default_that_a_tenant_overrides_is_none(checkout: Checkout) -> None:
    """A tier's default that a tenant's own spec overrides does not touch it."""
    checkout.edit(
        "tenant_stacks/specs/acme.yaml", "lifecycle:", "retention: {logs_days: 30, capture_days: 30}\nlifecycle:"
    )
    checkout.commit("override")
    _tier(checkout)
    assert {each.stack for each in _touched(checkout).stacks} == {"platform"}


def test_specs_that_cannot_be_read_any_more(checkout: Checkout) -> None:
    """Where the former specs are not valid today, a change of the platform's spec touches every tenant."""
    checkout.edit("stacks/platform.yaml", "stage: dev", "stage: dev\nformer: true")
    checkout.commit("a key that was one once")
    checkout.edit("stacks/platform.yaml", "former: true\n", "")
    found = _touched(checkout)
    assert found.before is None
    assert {each.stack for each in found.stacks} == _ALL


def test_specs_outside_of_the_repository(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What git cannot compare is refused by name."""
    elsewhere = tmp_path_factory.mktemp("specs")
    with pytest.raises(UserError, match="not in the repository"):
        touched(
            Repository(checkout.root),
            "main",
            load_estate(checkout.platform, checkout.specs),
            _ALL,
            root=checkout.root,
            specs=elsewhere,
        )
