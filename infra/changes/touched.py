"""Which stacks a change touches, and which file touches them why."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from infra.changes.effects import Effect, Effects, Reach
from infra.changes.estates import estate_at, meant_by_platform_spec
from infra.changes.git import ChangedFile, Repository
from infra.changes.imports import Imports
from infra.errors import UserError
from infra.spec import Estate

#: ``changed``: it is deployed. ``new``: it is not. ``deleted``: it is, and its spec was deleted.
Fate = Literal["changed", "new", "deleted"]

PLATFORM = "platform"


@dataclass(frozen=True, kw_only=True, order=True)
class Reason:
    """Why a stack is touched.

    Args:
        file: The file that differs, from the root of the repository.
        why: What the file is to the stack.
    """

    file: str
    why: str


@dataclass(frozen=True, kw_only=True)
class TouchedStack:
    """A stack that a change touches.

    Args:
        stack: ``platform``, or a tenant's id.
        fate: What is to become of it.
        reasons: Why.
    """

    stack: str
    fate: Fate
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True, order=True)
class Idle:
    """A file that differs and touches no stack.

    Args:
        file: The file, from the root of the repository.
        why: Why it touches none.
    """

    file: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What a change touches.

    Args:
        base: The commit that it is compared with.
        head: The commit that is checked out; what is not committed yet counts too.
        stacks: The stacks, the platform first.
        idle: The files that touch none.
        before: The specs as they were; None where they cannot be read any more.
    """

    base: str
    head: str
    stacks: tuple[TouchedStack, ...]
    idle: tuple[Idle, ...]
    before: Estate | None

    def of(self, fate: Fate) -> tuple[TouchedStack, ...]:
        """The stacks with a fate."""
        return tuple(each for each in self.stacks if each.fate == fate)


def touched(
    repository: Repository,
    ref: str,
    estate: Estate,
    deployed: Collection[str],
    *,
    root: Path,
    specs: Path,
    imports: Imports | None = None,
) -> Touched:
    """What differs between the point where `ref` was forked off and the files as they are.

    Args:
        repository: The checkout.
        ref: A branch, tag or commit.
        estate: The specs as they are.
        deployed: The names of the stacks that there are, ``platform`` for the platform's.
        root: The folder of the repository, which holds the specs.
        specs: The folder of the tenants' specs.
        imports: The import graph; None: of the checkout that this runs from.

    Raises:
        UserError: `ref` is no commit, or the specs are not in the repository.
    """
    base = repository.fork_point(ref)
    spec, folder = _inside(root, estate.platform_file), _inside(root, specs)
    before = estate_at(repository, base, spec, folder)
    effects = Effects(imports or Imports(), lambda path: repository.content(base, path), lambda path: _read(root, path))
    reasons: dict[str, set[Reason]] = {}
    idle: list[Idle] = []
    for file in repository.changed_files(base):
        path = PurePosixPath(file.path)
        if file.path == spec:
            found = _by_platform_spec(before, estate)
        elif str(path.parent) == folder and path.suffix == ".yaml":
            found = [(path.stem, _of_spec(file))]
        else:
            all_of_it = effects.of(file)
            found = [(stack, effect.why) for effect in all_of_it for stack in _reached(effect, estate)]
            if not found:
                idle.append(Idle(file=file.path, why=all_of_it[0].why))
        for stack, why in found:
            reasons.setdefault(stack, set()).add(Reason(file=file.path, why=why))
    stacks = [
        TouchedStack(stack=stack, fate=fate, reasons=tuple(sorted(reasons[stack])))
        for stack in sorted(reasons, key=lambda name: (name != PLATFORM, name))
        if (fate := _fate(stack, estate, deployed)) is not None
    ]
    gone = [each for each in reasons if _fate(each, estate, deployed) is None]
    idle += [Idle(file=one.file, why=f"there is no stack {stack}") for stack in gone for one in reasons[stack]]
    return Touched(base=base, head=repository.head(), stacks=tuple(stacks), idle=tuple(sorted(idle)), before=before)


def _fate(stack: str, estate: Estate, deployed: Collection[str]) -> Fate | None:
    """None for a name that is neither a tenant's nor a stack's any more."""
    if stack == PLATFORM or stack in estate.tenants:
        return "changed" if stack in deployed else "new"
    return "deleted" if stack in deployed else None


def _of_spec(file: ChangedFile) -> str:
    return {"added": "its spec is new", "modified": "its spec", "deleted": "its spec was deleted"}[file.status]


def _by_platform_spec(before: Estate | None, estate: Estate) -> list[tuple[str, str]]:
    return [(PLATFORM, "its spec"), *meant_by_platform_spec(before, estate)]


def _reached(effect: Effect, estate: Estate) -> Iterator[str]:
    if effect.reach in (Reach.PLATFORM, Reach.ALL):
        yield PLATFORM
    if effect.reach in (Reach.TENANTS, Reach.ALL):
        yield from estate.tenants
    if effect.reach is Reach.ONE:
        yield effect.stack


def _inside(root: Path, path: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise UserError(
            "it is not in the repository, so that git cannot tell how it changed",
            remedy=f"keep the specs in the checkout, {root}",
            where=str(path),
        ) from None


def _read(root: Path, path: str) -> bytes | None:
    try:
        return (root / path).read_bytes()
    except OSError:
        return None
