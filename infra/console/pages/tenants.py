"""The list of tenants: by state and by name, a page at a time, each with the operation that runs on it."""

from __future__ import annotations

from starlette.responses import Response

from infra.console import reads
from infra.console.spec_facts import spec_facts
from infra.console.visit import Visit
from infra.lifecycle.states import State
from infra.store.database import reading


def show(visit: Visit) -> Response:
    """The list."""
    words = visit.query("q")
    states = [state for state in State if state == visit.query("state")]
    only = visit.scope.only
    with reading(visit.parts.store) as connection:
        found = reads.tenant_slice(
            connection, only, states=states, words=words, after=visit.query("after"), before=visit.query("before")
        )
        running = reads.running_on(connection, [each.id for each in found.rows])
        counts = reads.tenant_counts(connection, only)
        last = reads.last_event(connection)
    return visit.page(
        "tenants.html.jinja",
        found=found,
        facts={each.id: spec_facts(each.spec) for each in found.rows},
        running=running,
        counts=[(state, counts[state]) for state in State if state in counts],
        total=sum(counts.values()),
        words=words,
        state=states[0] if states else None,
        last_event=last,
    )
