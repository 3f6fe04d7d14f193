"""Imports what forked processes will need, and what Python would load only when it is first asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from types import ModuleType


def prepare(preload: Sequence[str]) -> None:
    """Import what will be needed; what cannot be imported is reported by whoever needs it.

    Args:
        preload: Modules to import, and functions to call, as ``module:function``.
    """
    for target in preload:
        module, _, function = target.partition(":")
        try:
            _load(importlib.import_module(module))
            if function:
                call(target)
        except Exception as error:  # noqa: BLE001 - the program's own import reports it to the user
            sys.stderr.write(f"cannot prepare {target} ahead of time: {error}\n")
    _load_lazy_modules()


def call(target: str) -> None:
    """Call a function.

    Args:
        target: ``module:function``.
    """
    module, _, function = target.partition(":")
    getattr(importlib.import_module(module), function)()


def _load_lazy_modules() -> None:
    """Load what the imported code refers to. Provider SDKs load their modules when an attribute is first asked for."""
    for module in [module for module in list(sys.modules.values()) if _is_own(module)]:
        for value in list(vars(module).values()):
            if isinstance(value, ModuleType):
                _load(value)


def _load(module: ModuleType) -> None:
    """Load a module that waits for the first question; one that is loaded answers at once."""
    getattr(module, "__all__", None)


def _is_own(module: ModuleType) -> bool:
    """Whether a module is a program's and not a library's."""
    file = getattr(module, "__file__", None)
    return file is not None and "site-packages" not in file
