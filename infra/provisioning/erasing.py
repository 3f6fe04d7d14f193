"""What the steps of an erasure share: whose it is, the account held to that tenant, and the journal in the database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import Engine as Store

from infra.erasure import inventory, state_history
from infra.erasure.account import ErasableAccount
from infra.erasure.inventory import TAGGED, Inventory, Item
from infra.erasure.journal import Journal
from infra.erasure.kinds import EMBEDDED, TABLE, Kind
from infra.erasure.ownership import Owner
from infra.erasure.state_history import Stack
from infra.gitops.place import require_tenant_id
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations.erasing import account_of_one_tenant, named, own_account
from infra.operations.projects import TENANTS
from infra.provisioning.context import Work
from infra.store import erasures
from infra.store.database import reading, transaction

_NAMED = 5


class StoredLines:
    """The lines of a journal in the service's database, each in a transaction of its own.

    Args:
        store: The database.
        tenant: Whose erasure it is.
    """

    def __init__(self, store: Store, tenant: str) -> None:
        self._store = store
        self._tenant = tenant

    def add(self, line: str) -> None:
        """Keep one more line."""
        with transaction(self._store) as connection:
            erasures.add_entry(connection, self._tenant, line)

    def all(self) -> Sequence[str]:
        """All lines, the first that was kept first."""
        with reading(self._store) as connection:
            return erasures.entries(connection, self._tenant)


class Erasing:
    """One tenant's erasure, as a step works on it. Nothing of it needs the tenant's spec, which may be broken or gone.

    Args:
        work: The settings, the cloud, the engine and the database.
        call: What the step was given.

    Raises:
        UserError: The tenant's id is none.
    """

    def __init__(self, work: Work, call: StepCall) -> None:
        self.work = work
        self.tenant = require_tenant_id(call.tenant)
        self.owner = Owner(work.platform, named(self.tenant))
        self.journal = Journal(StoredLines(work.store, self.tenant))

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The table: in the embedded cloud, what it serves of it."""
        return EMBEDDED if self.work.settings.cloud == "sandbox" else TABLE

    @cached_property
    def account(self) -> ErasableAccount:
        """The account, by credentials that reach this tenant only."""
        return account_of_one_tenant(self.work.cloud, self.work.platform, self.tenant)

    @cached_property
    def backend(self) -> ErasableAccount:
        """The account by the service's own credentials: the backend of the state is not the tenant's."""
        return own_account(self.work.cloud)

    def take(self) -> Inventory:
        """Everything of the tenant in the account."""
        return inventory.take(self.account, self.owner, self.kinds)

    def take_state(self) -> Inventory:
        """Everything that the backend keeps of the tenant's stack."""
        return state_history.take(self.work.settings.backend_url, self._stack, self.backend)

    def remove_state(self) -> None:
        """Remove everything that the backend keeps of the tenant's stack."""
        backend = self.work.settings.backend_url
        for one in state_history.remove(backend, self.take_state(), self.backend):
            self.journal.done(one)
        state_history.drop_folders(backend, self._stack)

    @property
    def _stack(self) -> Stack:
        return Stack(TENANTS.name, self.tenant)

    def require_empty(self, *found: Inventory) -> None:
        """Refuse to go on while something is left.

        Args:
            found: The inventories, taken a moment ago.

        Raises:
            StepFailed: Something is left or was not to be read; says what, why, and what to do.
        """
        hidden = [f"{each.kind} {each.resource}".strip() + f" ({each.why})" for one in found for each in one.not_read]
        if hidden:
            raise StepFailed(
                FailureClass.INTERNAL,
                f"the inventory of {self.tenant} is not complete: {_few(hidden)} could not be read",
                "an operator must look: give the provisioning role these rights, then ask for the erasure again",
            )
        left = [item for one in found for item in one.left]
        if not left:
            return
        told = f"{len(left)} things of {self.tenant} are left: {_few([_told(item) for item in left])}"
        if all(item.kind == TAGGED and self._was_removed(item) for item in left):
            raise StepFailed(
                FailureClass.TRANSIENT, told, "nothing: AWS's index of tags lags behind, so it is looked at again"
            )
        raise StepFailed(
            FailureClass.INTERNAL,
            told,
            "an operator must look: remove them, or correct the tags that claim them, then ask for the erasure again",
        )

    def _was_removed(self, item: Item) -> bool:
        return self.journal.last_outcome(item.arn) in ("removed", "scheduled", "gone")


def _told(item: Item) -> str:
    why = f" ({item.claim.dispute})" if item.claim.dispute else ""
    return f"{item.kind} {item.id}{why}"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
