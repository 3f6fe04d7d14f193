"""Processes that are forked from a warm one, which has imported once what all of them need, and end with their owners.

`WarmProcess` is the owner's side. The warm process calls `serve`, and talks to nobody but through sockets. What is run,
and what for, is not known here: runs of the engine are in `infra.engine.workers`, steps of jobs in
`infra.jobs.processes`.
"""

from infra.processes.channel import Channel
from infra.processes.forking import Orders, serve
from infra.processes.warm import WarmProcess, order

__all__ = ["Channel", "Orders", "WarmProcess", "order", "serve"]
