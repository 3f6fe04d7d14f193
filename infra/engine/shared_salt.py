"""One salt for all stacks that one passphrase opens.

A passphrase becomes a key by a million rounds of hashing for each salt. With one salt the engine does that once a run,
and not again for the stack whose outputs it reads.

Source: Pulumi documentation, "State and backends", Configuring secrets encryption.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from infra.engine.private_files import write_private
from infra.engine.settings import EngineSettings
from infra.engine.stack_files import StackFiles


def borrow_salt(settings: EngineSettings, files: StackFiles) -> None:
    """Let a stack that is about to be made use the salt of those before it, if it has none of its own."""
    kept = _kept(settings)
    if kept is not None and kept.exists():
        files.take_salt(kept.read_text().strip())


def lend_salt(settings: EngineSettings, files: StackFiles) -> None:
    """Keep the salt of a stack that was made, for those that come after it."""
    kept, salt = _kept(settings), files.salt
    if kept is not None and salt is not None and not kept.exists():
        write_private(kept, f"{salt}\n")


def _kept(settings: EngineSettings) -> Path | None:
    """Where the salt is kept: elsewhere for another backend, another passphrase file, or another passphrase in it."""
    if settings.passphrase_file is None or not settings.passphrase_file.exists():
        return None
    written = settings.passphrase_file.stat().st_mtime_ns
    opened_by = f"{settings.backend_url} {settings.passphrase_file} {written}"
    return settings.runs / f"encryptionsalt-{hashlib.sha256(opened_by.encode()).hexdigest()[:16]}"
