"""What is deployed of all stacks: from exports where some are given, else from the backend's own files.

Sources: Pulumi documentation, "Using a DIY backend" (``.pulumi/stacks/PROJECT/STACK.json``) and "pulumi login"; the
shape of the files is that of the engine's package ``sdk/go/common/apitype`` (VersionedCheckpoint).
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from infra.errors import UserError
from infra.policy_pack.specifications import Stack
from infra.proof.facts.inputs import MOST_BYTES, decoded, read_file

#: Names the folder of exports where the configuration of the pack does not.
EXPORTS = "BULKHEAD_EXPORTS"
_WHAT = "a stack's state as the backend keeps it"


class _Checkpoint(msgspec.Struct):
    latest: msgspec.Raw = msgspec.Raw(b"null")


class _StateFile(msgspec.Struct):
    version: int
    checkpoint: _Checkpoint


class _Resource(msgspec.Struct):
    urn: str


class _Resources(msgspec.Struct):
    resources: list[_Resource] | None = None


class _Export(msgspec.Struct):
    deployment: _Resources


class _Credentials(msgspec.Struct):
    current: str = ""


class NoDeployments(UserError):
    """It cannot be known what is deployed of other stacks."""


def deployments(
    configured: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[tuple[Stack, bytes]]:
    """What is deployed, as `pulumi stack export` writes it, a stack at a time.

    Args:
        configured: Exports, or folders of exports; where there are none, the environment names a folder.
        environment: The process's environment, which also names the backend.
        folder: Where paths that are not absolute start.

    Raises:
        NoDeployments: No exports are given, and the backend keeps no files here.
        Unreadable: One of them is not what it should be.
    """
    named = list(configured) or [path for path in [environment.get(EXPORTS, "")] if path]
    if named:
        for path in (folder / each for each in named):
            for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
                content = read_file(file)
                yield _stack_in(content, str(file)), content
        return
    for file in _state_files(environment):
        stack = Stack(file.parent.name, file.name.partition(".json")[0])
        content = _plain(file)
        latest = decoded(content, _StateFile, str(file), _WHAT).checkpoint.latest
        if bytes(latest) != b"null":
            yield stack, b'{"version":3,"deployment":' + bytes(latest) + b"}"


def _stack_in(content: bytes, where: str) -> Stack:
    """The stack that an export is of, as the URNs in it say."""
    resources = decoded(content, _Export, where, "the output of `pulumi stack export`").deployment.resources or []
    parts = resources[0].urn.removeprefix("urn:pulumi:").split("::") if resources else []
    return Stack(parts[1], parts[0]) if len(parts) > 1 else Stack("", Path(where).stem)


def _state_files(environment: Mapping[str, str]) -> list[Path]:
    backend = environment.get("PULUMI_BACKEND_URL") or _logged_in(environment)
    parts = urlsplit(backend)
    if parts.scheme != "file":
        raise NoDeployments(
            "what is deployed of other stacks is not known: the backend keeps no files on this machine",
            remedy=f"export them to a folder, and name it in exports of the policy isolation or in {EXPORTS}",
            where=backend or "the backend",
        )
    stacks = Path(unquote(parts.netloc + parts.path)).expanduser() / ".pulumi" / "stacks"
    return sorted(path for pattern in ("*/*.json", "*/*.json.gz") for path in stacks.glob(pattern))


def _logged_in(environment: Mapping[str, str]) -> str:
    """The backend that `pulumi login` chose; empty where nobody did."""
    home = environment.get("PULUMI_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".pulumi")
    try:
        content = (Path(home) / "credentials.json").read_bytes()
        return msgspec.json.decode(content, type=_Credentials).current
    except (OSError, msgspec.DecodeError):
        return ""


def _plain(file: Path) -> bytes:
    if file.suffix != ".gz":
        return read_file(file)
    with gzip.open(file) as opened:
        return opened.read(MOST_BYTES + 1)  # what is longer is refused when it is read
