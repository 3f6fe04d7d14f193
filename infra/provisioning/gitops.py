"""Whether specs are written directly or by git, as settings; and the place of the specs that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, field_validator, model_validator

from infra.engine.private_files import private_folder
from infra.gitops import Author, FolderSpecs, GitSpecs, SpecPlace
from infra.gitops.copies import REMOTE, make_copy, remote_environment
from infra.settings import ROOT, Settings
from infra.spec.service import HTTPS_PATTERN


class GitOps(BaseModel, frozen=True, extra="forbid"):
    """GitOps mode: a change is a commit on a branch, and what is merged is applied.

    Attributes:
        repository: A bare repository, or with `remote` a clone that nobody works in; with `url` it is made.
        remote: The remote whose branches count; None: those of the repository itself.
        url: In place of `remote`: where the remote is, by https and without credentials.
        credentials: A folder with the files ``username`` and ``password`` for `url`; None: it asks for none.
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
    url: Annotated[str, Field(pattern=HTTPS_PATTERN)] | None = None
    credentials: Path | None = None
    branch: str = "main"
    folder: str = "tenant_stacks/specs"
    platform: str = "stacks/platform.yaml"
    proposals: str | None = "bulkhead/"
    committer: str = "bulkhead"
    email: str = "bulkhead@localhost"
    seconds: Annotated[int, Field(ge=1, le=86_400)] = 30

    @field_validator("repository", "credentials")
    @classmethod
    def _from_the_checkout(cls, path: Path | None) -> Path | None:
        return None if path is None else ROOT / path

    @model_validator(mode="after")
    def _one_remote(self) -> Self:
        if self.url is not None and self.remote is not None:
            raise ValueError("give remote or url: the remote of a copy that is there, or where to copy from")
        if self.url is None and self.credentials is not None:
            raise ValueError("credentials are for url: a copy that is there has its own")
        return self

    def place(self) -> GitSpecs:
        """The specs of the branch; with `url`, the copy is made where there is none.

        Raises:
            UserError: A name cannot be one, or git refuses.
        """
        environment: Mapping[str, str] = {}
        if self.url is not None:
            make_copy(private_folder(self.repository))
            environment = remote_environment(self.url, self.credentials)
        return GitSpecs(
            self.repository,
            Author(name=self.committer, email=self.email),
            merged=self.branch,
            folder=self.folder,
            platform=self.platform,
            proposals=self.proposals,
            remote=self.remote if self.url is None else REMOTE,
            environment=environment,
        )


def spec_place(settings: Settings, gitops: GitOps | None) -> SpecPlace:
    """Where the API reads and writes specs: the branch in GitOps mode, else the folder that the programs read.

    Args:
        settings: Have the folder.
        gitops: GitOps mode; None: direct mode.
    """
    return FolderSpecs(settings.specs) if gitops is None else gitops.place()
