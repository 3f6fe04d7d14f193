"""`make bench`: what Bulkhead costs beside the plain tools, each comparison within one run on one machine.

(a) a tenant's stack against a bare program that registers the same resources flat through the same provider;
(b) `up --all` of many tenants against as many `pulumi up` runs of the plain command line, one after the other;
(c) the last of many tenants against the first;
(d) `simulate`, in requests a second, against its target;
(e) what the enforcement of policies adds to each request of the embedded cloud, against its budget;
(f) the proof of 10 to 5,000 tenants, against the limits of time and memory that it must keep;
(g) tenants onboarded by the provisioning service, against as many `pulumi up` runs of the plain command line, against
    their resources by a provider that does nothing, the last against the first, and its answers meanwhile;
(h) the preview of many unchanged tenants, against the CPU that one may take.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench import components, decisions, enforcement, fleet, growth, onboarding, previews, proof
from bench.land import Land
from bench.measure import become_reaper
from bench.ratio import Ratio


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements and print one table; 0 if every target is met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--parts", default="abcdefgh", help="which measurements (default: abcdefgh)")
    parser.add_argument("--tenants", type=int, default=20, help="tenants in (b) (default: 20)")
    parser.add_argument("--growth", type=int, default=50, help="tenants in (c) (default: 50)")
    parser.add_argument("--onboarded", type=int, default=50, help="tenants in (g) (default: 50)")
    parser.add_argument("--previewed", type=int, default=100, help="tenants in (h) (default: 100)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds in (a) (default: 5)")
    chosen = parser.parse_args(arguments)
    become_reaper()
    ratios: list[Ratio] = []
    for part in chosen.parts:
        with TemporaryDirectory(prefix="bulkhead-bench-") as folder, ExitStack() as open_lands:
            match part:
                case "a":
                    ratios += components.measure(_land(folder, open_lands), rounds=chosen.rounds)
                case "b":
                    ratios += fleet.measure(_land(folder, open_lands), tenants=chosen.tenants)
                case "c":
                    ratios += growth.measure(_land(folder, open_lands), tenants=chosen.growth)
                case "d":
                    ratios += decisions.measure(Path(folder))
                case "e":
                    ratios += enforcement.measure(_land(folder, open_lands))
                case "f":
                    ratios += proof.measure(_land(folder, open_lands))
                case "g":
                    ratios += onboarding.measure(Path(folder), tenants=chosen.onboarded)
                case "h":
                    ratios += previews.measure(_land(folder, open_lands), tenants=chosen.previewed)
                case _:
                    parser.error(f"there is no part {part!r}; the parts are a to h")
    _print(ratios)
    return 0 if all(ratio.met for ratio in ratios) else 1


def _land(folder: str, opened: ExitStack) -> Land:
    return opened.enter_context(Land(Path(folder)))


def _print(ratios: Sequence[Ratio]) -> None:
    table = Table("MEASURED", "BULKHEAD", "BESIDE IT", "RATIO", "TARGET", "", box=None, header_style="bold")
    for ratio in ratios:
        table.add_row(
            ratio.what,
            f"{ratio.ours:.2f} {ratio.unit}",
            f"{ratio.theirs:.2f} {ratio.unit}",
            f"{ratio.value:.2f}x {ratio.reading}",
            ratio.target_text,
            "" if ratio.target is None else "met" if ratio.met else "MISSED",
        )
    Console(soft_wrap=True).print(table)


if __name__ == "__main__":
    sys.exit(main())
