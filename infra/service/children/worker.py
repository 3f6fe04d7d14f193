"""A worker process: ``python -P -m infra.service.children.worker``."""

import threading

from infra.service.supervision.child import begin, log_to_stderr, say_ready

stop = threading.Event()
begin(stop.set)
log_to_stderr()
say_ready()
stop.wait()
