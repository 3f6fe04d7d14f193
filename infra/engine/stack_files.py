"""The files of one stack's runs: the lock, the event log, and the stack's settings as the engine is given them.

The engine wants a settings file a stack (``Pulumi.STACK.yaml``), in which it also keeps the salt of the passphrase.
Tenants come and go, so these files are kept with the runs; one that a team keeps in the project's folder is the base.

Source: Pulumi documentation, "Stack settings file reference".
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML, YAMLError

from infra.engine.errors import EngineError
from infra.engine.model import StackRef
from infra.engine.private_files import private_folder, write_private

#: How a stack's settings say which secrets provider it uses; the engine writes them.
_SALT = "encryptionsalt"
_SECRETS_KEYS = ("secretsprovider", "encryptedkey", _SALT)


@dataclass(frozen=True)
class StackFiles:
    """The files of one stack.

    Args:
        runs: The folder of all runs.
        ref: The stack.
        events: The file that gets the events instead of the stack's own.
    """

    runs: Path
    ref: StackRef
    events: Path | None = None

    @property
    def folder(self) -> Path:
        """Holds the files; also a minimal project in which the engine makes and removes the stack."""
        return self.runs / self.ref.project.name / self.ref.stack

    @property
    def lock(self) -> Path:
        """The run lock."""
        return self.folder / "lock"

    @property
    def event_log(self) -> Path:
        """The engine's events of the last run, one JSON object a line; the engine masks secrets."""
        return self.events or self.folder / "events.jsonl"

    @property
    def output(self) -> Path:
        """What the last run printed past Python's own streams."""
        return self.folder / "output.log"

    @property
    def settings(self) -> Path:
        """The stack's settings as the engine gets them."""
        return self.folder / f"Pulumi.{self.ref.stack}.yaml"

    @property
    def recovery(self) -> Path:
        """The state with the pending operations of a dead run, until they are dealt with."""
        return self.folder / "recovery.json"

    @property
    def size(self) -> Path:
        """How many steps the last run took, for the progress of the next."""
        return self.folder / "steps"

    def prepare(self, config: Mapping[str, str]) -> None:
        """Write the files that the engine reads.

        Args:
            config: Plain configuration values of every stack; they win over those of the project's own file.

        Raises:
            EngineError: a settings file is not valid.
        """
        private_folder(self.folder)
        project = self.folder / "Pulumi.yaml"
        if not project.exists():
            write_private(project, f"name: {self.ref.project.name}\nruntime: python\n")
        text = _dump(self._merged(config))
        if not self.settings.exists() or self.settings.read_text() != text:
            write_private(self.settings, text)

    @property
    def salt(self) -> str | None:
        """The salt with which the stack's passphrase becomes its key; None with another secrets provider."""
        return _load(self.settings).get(_SALT)

    def take_salt(self, salt: str) -> None:
        """Set the salt of a stack that is not made yet, unless its settings say how its secrets are kept."""
        settings = _load(self.settings)
        if not any(key in settings for key in _SECRETS_KEYS):
            write_private(self.settings, _dump({**settings, _SALT: salt}))

    def remove(self) -> None:
        """Remove what was kept of a stack that is gone; the lock stays, as its caller holds it."""
        for path in self.folder.iterdir():
            if path != self.lock:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _merged(self, config: Mapping[str, str]) -> dict[str, Any]:
        own = _load(self.ref.project.folder / f"Pulumi.{self.ref.stack}.yaml")
        if _is_left_by_plain_commands(own):
            del own[_SALT]
        if not any(key in own for key in _SECRETS_KEYS):
            kept = _load(self.settings)
            own.update({key: kept[key] for key in _SECRETS_KEYS if key in kept})
        values = cast("dict[str, Any]", own.get("config") or {})
        merged = {**values, **config}
        return {**own, "config": merged} if merged else own


def _is_left_by_plain_commands(own: Mapping[str, Any]) -> bool:
    """Whether a salt encrypts nothing in its file.

    Plain `pulumi` commands copy the state's salt into the project's folder. There it outlives the state and its
    passphrase, and would keep a new stack of that name from being made.
    """
    return _SALT in own and "secretsprovider" not in own and not _has_secrets(own.get("config"))


def _has_secrets(value: Any) -> bool:
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        return "secure" in mapping or any(map(_has_secrets, mapping.values()))
    return isinstance(value, list) and any(map(_has_secrets, cast("list[Any]", value)))


def _load(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        content = YAML(typ="safe").load(path.read_text())  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except YAMLError as error:
        raise EngineError(
            f"not valid YAML: {error}", remedy="correct the file, or remove it", where=str(path)
        ) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise EngineError("the settings are not a mapping", remedy="correct the file, or remove it", where=str(path))
    return cast("dict[str, Any]", content)


def _dump(content: Mapping[str, Any]) -> str:
    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(dict(content), stream)  # pyright: ignore[reportUnknownMemberType]
    return stream.getvalue()
