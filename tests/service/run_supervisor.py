"""A supervisor in a process of its own, so that a test can kill it: ``run_supervisor.py FOLDER NAME ...``."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from infra.errors import UserError
from infra.service.sole import sole_service
from infra.service.supervision.child import ChildSpec
from infra.service.supervision.supervisor import Patience, Supervisor

CHILD = Path(__file__).with_name("scripted_child.py")


def main() -> None:
    folder = Path(sys.argv[1])
    with sole_service(folder) as lock:
        children = [
            ChildSpec(
                name=name,
                command=[sys.executable, str(CHILD), str(folder), name],
                environment=dict(os.environ),
                descriptors=(lock,),
            )
            for name in sys.argv[2:]
        ]
        patience = Patience(first_pause=0.05, longest_pause=0.4, stop=1.0)
        supervisor = Supervisor(children, folder, to_files=True, patience=patience)
        asyncio.run(supervisor.run((folder / "all-ready").touch))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(str(error))
