"""Runs stacks of a bench in a process of its own, which a test can interrupt and kill; prints stack and outcome."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra.engine import Operation
from tests.engine.notes_bench import load_bench


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("bench", type=Path)
    parser.add_argument("operation", type=Operation)
    parser.add_argument("stacks", nargs="+")
    parser.add_argument("--parallel", type=int)
    options = parser.parse_args()
    bench = load_bench(options.bench)
    refs = [bench.ref(stack) for stack in options.stacks]
    with bench.engine() as engine:
        if len(refs) == 1:
            results = [engine.run(refs[0], options.operation)]
        else:
            results = engine.run_many(refs, options.operation, parallel=options.parallel)
    for result in results:
        sys.stdout.write(f"{result.ref.stack} {result.outcome}\n")
        if result.error is not None:
            sys.stderr.write(f"{type(result.error).__name__}: {result.error}\n")


if __name__ == "__main__":
    main()
