"""Everything that can go wrong in a run, each with its remedy; callers tell them apart by type, never by text."""

from __future__ import annotations

from infra.engine.backend_lock import LockHolder
from infra.errors import UserError


class EngineError(UserError):
    """The engine could not do what it was asked to; the base of the errors below."""


class EngineMissing(EngineError):
    """There is no engine on this machine and none could be made."""


class StackBusy(EngineError):
    """Another run of the same stack is alive on this machine."""


class ConcurrentUpdate(EngineError):
    """The backend's lock of the stack is held.

    Args:
        message: Who holds it.
        remedy: What to do about it.
        where: The stack.
        holders: Who holds it, as far as the backend says.
    """

    def __init__(self, message: str, remedy: str, where: str, holders: tuple[LockHolder, ...] = ()) -> None:
        super().__init__(message, remedy, where)
        self.holders = holders

    @property
    def is_left_over(self) -> bool:
        """Whether every holder is known to be dead."""
        return bool(self.holders) and all(holder.is_dead() for holder in self.holders)


class BackendUnreachable(EngineError):
    """The state backend cannot be read."""


class WrongPassphrase(EngineError):
    """The passphrase does not open the stack's secrets."""


class StackMissing(EngineError):
    """The backend knows no such stack."""


class ProgramFailed(EngineError):
    """The project's program raised; the message is the program's own."""


class ResourceFailed(EngineError):
    """A provider refused or failed an operation on one resource.

    Args:
        urn: The resource.
        message: The provider's message.
        remedy: What to do about it.
    """

    def __init__(self, urn: str, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy, where=urn.split("::", 2)[-1])
        self.urn = urn


class ProtectedResource(EngineError):
    """A delete was refused because the resource is protected.

    Args:
        urns: The protected resources.
        message: What was refused.
        remedy: What to do about it.
    """

    def __init__(self, urns: tuple[str, ...], message: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.urns = urns


class RecoveryIncomplete(EngineError):
    """A dead run left operations whose outcome in the cloud could not be found out."""


class WorkerDied(EngineError):
    """The process that ran the stack ended without a result."""


class PluginInstallFailed(EngineError):
    """The engine refused a plugin archive."""
