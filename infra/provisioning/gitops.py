"""Whether specs are written directly or by git, as settings; and the place of the specs that they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from infra.gitops import Author, FolderSpecs, GitSpecs, SpecPlace
from infra.settings import ROOT, Settings


class GitOps(BaseModel, frozen=True, extra="forbid"):
    """GitOps mode: a change is a commit on a branch, and what is merged is applied.

    Attributes:
        repository: A bare repository, or with `remote` a clone that nobody works in.
        remote: The remote whose branches count; None: those of the repository itself.
        branch: The branch whose specs are in effect.
        folder: The folder of the specs, from the root of the repository.
        platform: The platform's spec, from the root of the repository; a change that opens a cell changes it too.
        proposals: What the names of the branches begin with that get the changes, one a tenant; None: changes are
            committed to `branch` itself.
        committer: The name under which the service commits.
        email: Its address.
        seconds: How often the reconciler compares.
    """

    repository: Path
    remote: str | None = None
    branch: str = "main"
    folder: str = "tenant_stacks/specs"
    platform: str = "stacks/platform.yaml"
    proposals: str | None = "bulkhead/"
    committer: str = "bulkhead"
    email: str = "bulkhead@localhost"
    seconds: Annotated[int, Field(ge=1, le=86_400)] = 30

    @field_validator("repository")
    @classmethod
    def _from_the_checkout(cls, path: Path) -> Path:
        return ROOT / path

    def place(self) -> GitSpecs:
        """The specs of the branch.

        Raises:
            UserError: A name cannot be one.
        """
        return GitSpecs(
            self.repository,
            Author(name=self.committer, email=self.email),
            merged=self.branch,
            folder=self.folder,
            platform=self.platform,
            proposals=self.proposals,
            remote=self.remote,
        )


def spec_place(settings: Settings, gitops: GitOps | None) -> SpecPlace:
    """Where the API reads and writes specs: the branch in GitOps mode, else the folder that the programs read.

    Args:
        settings: Have the folder.
        gitops: GitOps mode; None: direct mode.
    """
    return FolderSpecs(settings.specs) if gitops is None else gitops.place()
