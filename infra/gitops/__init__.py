"""Where the specs are kept: a folder, or a branch of a git repository; and whether somebody else changed a stack."""

from infra.gitops.by_hand import ByHand, StackMark, changed_by_hand, stack_mark
from infra.gitops.folder import FolderSpecs
from infra.gitops.patching import merge_patch, patched
from infra.gitops.place import (
    Author,
    SpecChange,
    SpecConflict,
    SpecMissing,
    SpecPlace,
    StoredSpec,
    Written,
    etag,
)
from infra.gitops.repository import GitSpecs, InEffect

__all__ = [
    "Author",
    "ByHand",
    "FolderSpecs",
    "GitSpecs",
    "InEffect",
    "SpecChange",
    "SpecConflict",
    "SpecMissing",
    "SpecPlace",
    "StackMark",
    "StoredSpec",
    "Written",
    "changed_by_hand",
    "etag",
    "merge_patch",
    "patched",
    "stack_mark",
]
