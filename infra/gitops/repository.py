"""The specs in a branch of a git repository: a change is a commit, and what is merged is in effect.

No work tree is used: a commit is made from the tree that it changes, so that nothing is checked out or left over.

Sources: git documentation, "git-commit-tree", "git-update-index" (--index-info), "gitcore-tutorial".
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

from infra.errors import UserError
from infra.git import Git
from infra.gitops.branches import Branches, LocalBranches, RemoteBranches, require_branch
from infra.gitops.place import (
    Author,
    SpecChange,
    SpecConflict,
    SpecMissing,
    StoredSpec,
    Written,
    etag,
    require_expected,
    require_tenant_id,
)
from infra.gitops.platform_file import with_cell
from infra.spec.common import RESERVED_IDS, TENANT_ID_PATTERN

_FILE_MODES = ("100644", "100755")
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_ATTEMPTS = 20


class InEffect:
    """The specs at one commit.

    Args:
        git: The repository.
        commit: The commit's id.
        folder: The folder of the specs.
    """

    def __init__(self, git: Git, commit: str, folder: str) -> None:
        self.commit = commit
        self._git = git
        self._folder = folder

    def tenants(self) -> list[str]:
        """The tenants that have a spec, in the order of the alphabet."""
        return _tenants_of(
            self._git.listed("ls-tree", "--name-only", self.commit, "--", f"{self._folder}/"), self._folder
        )

    def content(self, tenant: str) -> bytes | None:
        """A tenant's spec; None where there is none.

        Raises:
            UserError: It is no regular file.
        """
        return _content(self._git, self.commit, _path(self._folder, tenant))

    def changed(self, tenant: str) -> tuple[str, datetime]:
        """The commit that last changed a tenant's spec, and when it was committed.

        Raises:
            SpecMissing: There never was one.
        """
        path = _path(self._folder, tenant)
        found = self._git.text("log", "-1", "--format=%H %cI", self.commit, "--", path)
        if not found:
            raise SpecMissing(f"{tenant} has no spec", remedy="merge its branch", where=f"{self.commit}:{path}")
        commit, _, committed = found.partition(" ")
        return commit, datetime.fromisoformat(committed)


class GitSpecs:
    """A folder of files ``<tenant>.yaml`` in a branch.

    Args:
        repository: A bare repository, or with `remote` any clone that nobody works in.
        committer: Who commits: the service.
        merged: The branch whose specs are in effect.
        folder: The folder of the specs, from the root of the repository.
        proposals: What the names of the branches that get the changes begin with, one a tenant, to be merged by
            review and nobody else's: a branch whose spec is merged is begun anew; None: changes are committed to
            `merged` itself.
        remote: The remote whose branches count; None: those of the repository itself.
        platform: The platform's spec, from the root of the repository, where it has one.
        environment: Further variables of git, such as ``GIT_SSH_COMMAND``.

    Raises:
        UserError: A name cannot be one.
    """

    def __init__(
        self,
        repository: Path,
        committer: Author,
        *,
        merged: str = "main",
        folder: str = "tenant_stacks/specs",
        proposals: str | None = "bulkhead/",
        remote: str | None = None,
        platform: str = "stacks/platform.yaml",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if not _FOLDER.fullmatch(folder):
            raise UserError(f"{folder[:40]!r} is no folder of a repository", remedy="give one such as tenants/specs")
        if not _FOLDER.fullmatch(platform):
            raise UserError(f"{platform[:40]!r} is no file of a repository", remedy="give one such as platform.yaml")
        self._git = Git(repository, environment)
        self._committer = committer
        self._merged = require_branch(merged)
        self._folder = folder
        self._proposals = proposals
        self._platform = platform
        self._branch("acme")  # whether proposals make names of branches
        self._branches: Branches = RemoteBranches(self._git, remote) if remote else LocalBranches(self._git)

    def tenants(self) -> list[str]:
        """The tenants whose merged specs there are, in the order of the alphabet."""
        return self.in_effect().tenants()

    def read(self, tenant: str) -> StoredSpec:
        """A tenant's merged spec.

        Raises:
            SpecMissing: There is none.
            UserError: That is no tenant's id.
        """
        content = self._content(self._tip(), tenant)
        if content is None:
            where = f"{self._merged}:{self._path(tenant)}"
            raise SpecMissing(f"{tenant} has no spec", remedy="create it, or merge its branch", where=where)
        return StoredSpec(tenant=tenant, content=content)

    def proposed(self, tenant: str) -> StoredSpec | None:
        """A tenant's spec in the change of it that waits to be merged.

        Returns:
            None where none waits, or where it removes the spec.
        """
        self._update()
        tip, merged = self._branches.tip(self._branch(tenant)), self._required_tip()
        if tip is None or self._is_settled(tip, merged, tenant):
            return None
        content = self._content(tip, tenant)
        return None if content is None else StoredSpec(tenant=tenant, content=content)

    def claimed(self) -> list[StoredSpec]:
        """All merged specs, and those of the changes that wait to be merged; a tenant may be there twice."""
        merged = self.in_effect()
        found = {(tenant, merged.content(tenant)) for tenant in merged.tenants()}
        if self._proposals is not None:
            for branch in self._branches.names(self._proposals):
                tenant, tip = branch.removeprefix(self._proposals), self._branches.tip(branch)
                if tip is not None and re.fullmatch(TENANT_ID_PATTERN, tenant) and tenant not in RESERVED_IDS:
                    waits = not self._is_settled(tip, merged.commit, tenant)
                    found |= {(tenant, self._content(tip, tenant))} if waits else set()
        return [StoredSpec(tenant=tenant, content=content) for tenant, content in sorted(found) if content is not None]

    def in_effect(self) -> InEffect:
        """All specs as they are merged now; what is merged later is not seen by it."""
        return InEffect(self._git, self._tip(), self._folder)

    def write(self, change: SpecChange) -> Written:
        """Commit a change to the tenant's branch, or to the merged one.

        What others commit meanwhile to other files is kept: the change is made again on top of it.

        Raises:
            SpecConflict: The spec is not the one that the change was made from, or another change of it waits.
            UserError: git refuses.
        """
        branch = self._branch(change.tenant)
        refused = ""
        with self._branches.lock():
            for _ in range(_ATTEMPTS):
                self._branches.update()
                merged, before = self._required_tip(), self._branches.tip(branch)
                waits = before is not None and not self._is_settled(before, merged, change.tenant)
                base, holder = (before, branch) if before is not None and waits else (merged, self._merged)
                current = self._content(base, change.tenant)
                try:
                    require_expected(change, current, f"{holder}:{self._path(change.tenant)}")
                except SpecConflict as conflict:
                    raise _explained(conflict, branch) if waits else conflict from None
                if current == change.content:
                    return self._written(change, base, holder)
                commit = self._committed(change, base)
                refused = self._branches.move(branch, commit, before)
                if not refused:
                    return self._written(change, commit, branch)
        raise UserError(
            f"git did not take the change of {change.tenant}: {refused}",
            remedy="try again; see whether the branch is protected",
            where=branch,
        )

    def _written(self, change: SpecChange, commit: str, branch: str) -> Written:
        tag = None if change.content is None else etag(change.content)
        return Written(etag=tag, effective=branch == self._merged, branch=branch, commit=commit)

    def _branch(self, tenant: str) -> str:
        require_tenant_id(tenant)
        return self._merged if self._proposals is None else require_branch(f"{self._proposals}{tenant}")

    def _path(self, tenant: str) -> str:
        return _path(self._folder, tenant)

    def _update(self) -> None:
        with self._branches.lock():
            self._branches.update()

    def _tip(self) -> str:
        self._update()
        return self._required_tip()

    def _required_tip(self) -> str:
        tip = self._branches.tip(self._merged)
        if tip is None:
            raise UserError(
                f"there is no branch {self._merged}",
                remedy="commit the specs to it first, or name the branch that has them",
                where=str(self._git.repository),
            )
        return tip

    def _is_settled(self, tip: str, merged: str, tenant: str) -> bool:
        """Whether a proposal is merged, as it is or squashed; a new one then begins from the merged branch."""
        within = self._git.run("merge-base", "--is-ancestor", tip, merged, accepted=(0, 1)).returncode == 0
        return within or self._content(tip, tenant) == self._content(merged, tenant)

    def _content(self, commit: str, tenant: str) -> bytes | None:
        return _content(self._git, commit, self._path(tenant))

    def _committed(self, change: SpecChange, base: str) -> str:
        path = self._path(change.tenant)
        with tempfile.TemporaryDirectory(prefix="bulkhead-index-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git.run("read-tree", base, environment=index)
            entries = self._entry(path, change.content, base) + self._opening(change, base)
            self._git.run("update-index", "--index-info", given=entries.encode(), environment=index)
            tree = self._git.text("write-tree", environment=index)
        return self._git.text(
            "commit-tree",
            "--no-gpg-sign",
            "-p",
            base,
            tree,
            given=change.message.strip().encode() + b"\n",
            environment={
                "GIT_AUTHOR_NAME": change.author.name,
                "GIT_AUTHOR_EMAIL": change.author.email,
                "GIT_COMMITTER_NAME": self._committer.name,
                "GIT_COMMITTER_EMAIL": self._committer.email,
            },
        )

    def _entry(self, path: str, content: bytes | None, base: str) -> str:
        """A file as `git update-index --index-info` takes it; one without content is removed."""
        if content is None:
            return f"0 {'0' * len(base)}\t{path}\n"
        return f"100644 {self._git.text('hash-object', '-w', '--stdin', given=content)}\t{path}\n"

    def _opening(self, change: SpecChange, base: str) -> str:
        """The platform's spec with the cell that a change opens, where the repository has it."""
        content = _content(self._git, base, self._platform) if change.opens else None
        if content is None:
            return ""
        return self._entry(self._platform, with_cell(Path(self._platform), content, change.opens), base)


def _explained(conflict: SpecConflict, branch: str) -> SpecConflict:
    return SpecConflict(
        f"{conflict.message}, in a change that waits on the branch {branch}",
        remedy="merge or delete that branch, or make the change from what it holds",
        where=conflict.where,
        current=conflict.current,
    )


def _tenants_of(names: Iterable[str], folder: str) -> list[str]:
    paths = [path for path in map(PurePosixPath, names) if str(path.parent) == folder]
    return sorted(path.stem for path in paths if path.suffix == ".yaml" and re.fullmatch(TENANT_ID_PATTERN, path.stem))


def _path(folder: str, tenant: str) -> str:
    return f"{folder}/{require_tenant_id(tenant)}.yaml"


def _content(git: Git, commit: str, path: str) -> bytes | None:
    entry = next(iter(git.listed("ls-tree", commit, "--", path)), None)
    if entry is None:
        return None
    mode, kind, blob = entry.partition("\t")[0].split(" ")
    if kind != "blob" or mode not in _FILE_MODES:
        raise UserError("it is no regular file", remedy="commit the spec as a file", where=f"{commit}:{path}")
    return git.run("cat-file", "blob", blob).stdout
