"""Which files a Pulumi program is made of: its modules by the import graph, and the data that lies beside them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import cached_property
from pathlib import PurePosixPath

import grimp

#: The packages that a program's modules can be in.
PACKAGES = ("infra", "components", "stacks", "tenant_stacks", "serving_containers")


class Imports:
    """The import graph of the checkout that this runs from, built when it is first needed."""

    @cached_property
    def _graph(self) -> grimp.ImportGraph:
        first, *others = PACKAGES
        return grimp.build_graph(first, *others, cache_dir=None)

    def modules(self, program: str) -> Mapping[str, str]:
        """The modules that a program runs.

        Importing a module runs the packages that it is in, and what those import.

        Args:
            program: The module that the engine starts.

        Returns:
            Each module's name, with the module that imports it and is nearest to the program; the program's own with
            itself.
        """
        found = {program: program}
        waiting = deque([program])
        while waiting:
            module = waiting.popleft()
            for other in sorted({*self._graph.find_modules_directly_imported_by(module), *_packages(module)}):
                if other not in found:
                    found[other] = module
                    waiting.append(other)
        return found

    def package_of(self, path: str) -> str | None:
        """The package that a file belongs to which is no module: the nearest one that its folder is in."""
        parts = PurePosixPath(path).parent.parts
        names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((name for name in names if name in self._graph.modules), None)


def module_of(path: str) -> str | None:
    """The name of the module in a file; None for what is no module of `PACKAGES`."""
    file = PurePosixPath(path)
    if file.suffix != ".py" or file.parts[0] not in PACKAGES:
        return None
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _packages(module: str) -> tuple[str, ...]:
    parts = module.split(".")
    return tuple(".".join(parts[:length]) for length in range(1, len(parts)))
