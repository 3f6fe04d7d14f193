"""What a backend keeps of a tenant's stack: its state, the copies of it, the history of its updates, its locks.

Pulumi's own layout of a bucket or folder: ``.pulumi/stacks/<project>/<stack>.json``, and below ``history``, ``backups``
and ``locks/<organization>`` a folder a stack. A stack's file is matched by its whole name, so ``acme`` is not
``acmeeu``. In a bucket every version of an object counts.
Sources: Pulumi documentation, "Using a DIY backend"; Amazon S3 API Reference, "ListObjectVersions".
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from infra.erasure.account import ErasableAccount
from infra.erasure.inventory import Inventory, Item, NotRead
from infra.erasure.ownership import Claim
from infra.erasure.removal import Now, Removal, stamp, utc_now
from infra.live.account import Absent, Unread

#: What an inventory calls a part of it.
KIND = "state:object"
_SUFFIX = re.compile(r"\.(json|json\.bak|json\.gz|json\.gz\.bak|pulumi-tags)(\..*\.attrs)?")
_CLAIM = Claim(("name",))


@dataclass(frozen=True)
class Stack:
    """A stack as a backend names it.

    Args:
        project: The Pulumi project.
        name: The stack.
    """

    project: str
    name: str

    def folders(self) -> Iterator[str]:
        """Where the backend keeps what belongs to it, each with what all of it starts with."""
        yield f".pulumi/stacks/{self.project}/{self.name}."
        yield f".pulumi/history/{self.project}/{self.name}/"
        yield f".pulumi/backups/{self.project}/{self.name}/"
        yield f".pulumi/locks/organization/{self.project}/{self.name}/"

    def has(self, key: str) -> bool:
        """Whether an object or a file of the backend is of this stack; `key` is its path from the backend's root."""
        state, *others = self.folders()
        if key.startswith(state):
            return _SUFFIX.fullmatch(key.removeprefix(state[:-1])) is not None
        return any(key.startswith(folder) for folder in others)


def take(backend: str, stack: Stack, account: ErasableAccount) -> Inventory:
    """Everything that the backend keeps of a stack.

    Args:
        backend: The backend's URL: ``file://...`` or ``s3://bucket/prefix``; of others nothing can be read.
        stack: The stack.
        account: The account, for a bucket.
    """
    parsed = urllib.parse.urlsplit(backend)
    try:
        if parsed.scheme == "file":
            return Inventory(tuple(_files(_folder(backend), stack)))
        if parsed.scheme == "s3":
            return Inventory(tuple(_objects(account, parsed.netloc, parsed.path.strip("/"), stack)))
    except Absent:
        return Inventory(())
    except Unread as unread:
        return Inventory((), (NotRead(KIND, parsed.netloc, str(unread)),))
    why = "only a folder's or an S3 bucket's history is read here: remove the stack there, and say so"
    return Inventory((), (NotRead(KIND, f"{parsed.scheme}://{parsed.netloc}", why),))


def remove(backend: str, inventory: Inventory, account: ErasableAccount, *, now: Now = utc_now) -> tuple[Removal, ...]:
    """Remove what the inventory of a backend has; what is gone by now is said to be.

    Args:
        backend: The URL that the inventory was taken of.
        inventory: What to remove.
        account: The account, for a bucket.
        now: The clock.
    """
    return tuple(_removed(backend, item, account, now) for item in inventory.items)


def drop_folders(backend: str, stack: Stack) -> None:
    """Remove the folders of a stack that are empty, where the backend is a folder: they bear the tenant's name.

    Args:
        backend: The backend's URL.
        stack: The stack.
    """
    if urllib.parse.urlsplit(backend).scheme != "file":
        return
    for start in stack.folders():
        folder = _folder(backend) / start
        if start.endswith("/") and folder.is_dir() and not folder.is_symlink():
            inner = [path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()]
            for path in (*sorted(inner, reverse=True), folder):
                _drop_empty(path, folder.parent)


def _removed(backend: str, item: Item, account: ErasableAccount, now: Now) -> Removal:
    try:
        if "VersionId" in item.fields:
            account.change("s3", "delete_object", **item.fields)
        else:
            Path(str(item.fields["Path"])).unlink()
            _drop_empty(Path(str(item.fields["Path"])).parent, _folder(backend) / ".pulumi")
    except (Absent, FileNotFoundError):
        return stamp(item, "gone", "", now())
    except Unread as refusal:
        return stamp(item, "failed", str(refusal), now())
    except OSError as problem:
        return stamp(item, "failed", problem.strerror or str(problem), now())
    return stamp(item, "removed", "", now())


def _drop_empty(folder: Path, root: Path) -> None:
    """A folder bears the tenant's name too."""
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _folder(backend: str) -> Path:
    return Path(urllib.parse.unquote(urllib.parse.urlsplit(backend).path))


def _files(root: Path, stack: Stack) -> Iterator[Item]:
    for start in stack.folders():
        # A link is removed, never followed: what it points to is somebody else's.
        for path in sorted((root / start).parent.rglob("*") if start.endswith(".") else (root / start).rglob("*")):
            key = path.relative_to(root).as_posix()
            if stack.has(key) and (path.is_symlink() or not path.is_dir()):
                yield Item(KIND, key, "", _CLAIM, {"Path": str(path)})


def _objects(account: ErasableAccount, bucket: str, prefix: str, stack: Stack) -> Iterator[Item]:
    lead = f"{prefix}/" if prefix else ""
    for start in stack.folders():
        answer = account.read("s3", "list_object_versions", Bucket=bucket, Prefix=lead + start)
        both = [*(answer.get("Versions") or ()), *(answer.get("DeleteMarkers") or ())]
        for each in cast("list[dict[str, Any]]", both):
            key = str(each["Key"])
            if stack.has(key.removeprefix(lead)):
                fields = {"Bucket": bucket, "Key": key, "VersionId": each["VersionId"]}
                yield Item(KIND, f"{key}@{each['VersionId']}", f"arn:aws:s3:::{bucket}/{key}", _CLAIM, fields)
