"""One module a step; each has ``run``, which a worker calls in a process of its own, at least once."""
