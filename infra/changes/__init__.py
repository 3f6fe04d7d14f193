"""What a change touches: which stacks, and why, from what git says differs and what the programs read."""

from infra.changes.git import ChangedFile, Repository
from infra.changes.touched import Idle, Reason, Touched, TouchedStack, touched

__all__ = ["ChangedFile", "Idle", "Reason", "Repository", "Touched", "TouchedStack", "touched"]
