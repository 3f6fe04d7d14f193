"""Git repositories in temporary folders, with the specs of two tenants in their main branch."""

from __future__ import annotations

import subprocess
from pathlib import Path

from infra.engine.settings import inherited_environment
from infra.gitops import Author, SpecChange

#: Who commits, and nothing of the configuration of whoever runs the tests.
_GIT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
}

SPECS = "tenant_stacks/specs"
ACME, GLOBEX = b"# Acme\nid: acme\n", b"id: globex\n"
SERVICE = Author(name="bulkhead", email="bulkhead@example.com")
ANNA = Author(name="Anna Özil", email="anna@example.com")


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, which must succeed."""
    environment = {**inherited_environment(), **_GIT}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def bare_with_specs(root: Path) -> Path:
    """A bare repository ``specs.git``, and beside it the checkout ``people`` that people work in."""
    people, bare = root / "people", root / "specs.git"
    git(root, "init", "--quiet", "--bare", "--initial-branch", "main", str(bare))
    git(root, "clone", "--quiet", str(bare), str(people))
    git(people, "switch", "--quiet", "--create", "main")
    people_commit(people, {f"{SPECS}/acme.yaml": ACME, f"{SPECS}/globex.yaml": GLOBEX, "README.md": b"read me\n"})
    return bare


def people_commit(people: Path, files: dict[str, bytes]) -> str:
    """What somebody edits, commits on main and pushes; the commit."""
    git(people, "fetch", "--quiet")
    if git(people, "branch", "--remotes", "--list", "origin/main"):
        git(people, "reset", "--quiet", "--hard", "origin/main")
    for name, content in files.items():
        (people / name).parent.mkdir(parents=True, exist_ok=True)
        (people / name).write_bytes(content)
    git(people, "add", "--all")
    git(people, "commit", "--quiet", "--message", "by hand")
    git(people, "push", "--quiet", "origin", "main")
    return git(people, "rev-parse", "HEAD")


def change(
    tenant: str, content: bytes | None, expected: str | None, *, author: Author = ANNA, message: str = "Change it"
) -> SpecChange:
    """A change by Anna."""
    return SpecChange(tenant=tenant, content=content, expected=expected, author=author, message=message)
