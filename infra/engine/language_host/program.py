"""Runs one Pulumi program in this process and reports how it ended; shared by the warm workers and the language host.

The program runs on the calling thread in the base context, so that whatever it starts sees its process's one stack.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import runpy
import sys
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc
from pulumi import RunError, log
from pulumi.runtime import config, run_in_stack, settings

from infra.errors import UserError

_E = TypeVar("_E", bound=BaseException)


@dataclass(frozen=True, kw_only=True)
class ProgramRun:
    """One call of ``LanguageRuntime.Run``, as plain data.

    Args:
        program: The program: a folder with ``__main__.py``, or a file.
        project: The project's name.
        stack: The stack's name.
        organization: The stack's organization.
        root_directory: The folder of ``Pulumi.yaml``.
        monitor_address: Where resources are registered.
        engine_address: Where diagnostics go.
        parallel: How many operations the engine runs at once.
        preview: Whether this is a dry run.
        config: Configuration values by full key.
        secret_keys: Which of them are secret.
    """

    program: Path
    project: str
    stack: str
    organization: str
    root_directory: str
    monitor_address: str
    engine_address: str
    parallel: int
    preview: bool
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    secret_keys: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ProgramError:
    """Why a program failed.

    Args:
        message: What is shown: a user's error as its own text, anything else with its stack trace.
        summary: The error in one line, without the stack trace.
        remedy: The remedy that a `UserError` carries.
        where: The place that a `UserError` names.
    """

    message: str
    summary: str
    remedy: str = ""
    where: str = ""


def run_program(run: ProgramRun) -> ProgramError | None:
    """Run a program to its end and send its error, if any, to the engine's log.

    Args:
        run: What to run.

    Returns:
        The error, already logged; None when the program succeeded.
    """
    _configure(run)
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=max(run.parallel, 1) * 4))
    loop.set_exception_handler(_stop_on_rpc_error)
    asyncio.set_event_loop(loop)
    # Faulted tasks surface through the SDK's own bookkeeping; asyncio's "never retrieved" lines would only repeat them.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        loop.run_until_complete(run_in_stack(lambda: _execute(run.program)))
    except BaseException as error:  # noqa: BLE001 - whatever ends a user's program is reported, not raised into the host
        failure = describe(error)
        if failure is not None:
            with contextlib.suppress(grpc.RpcError):  # the engine may be on its way out
                log.error(failure.message)
        return failure
    finally:
        _drain(loop)
        sys.stdout.flush()
        sys.stderr.flush()
    return None


def describe(error: BaseException) -> ProgramError | None:
    """What to tell the user about an exception that ended a program; None if the engine went away first."""
    user_error = _find(error, UserError)
    if user_error is not None:
        return ProgramError(
            message=str(user_error),
            summary=user_error.message,
            remedy=user_error.remedy,
            where=user_error.where,
        )
    if _ended_with_the_engine(error) or (isinstance(error, SystemExit) and error.code in {None, 0}):
        return None
    if isinstance(error, RunError):
        return ProgramError(message=str(error), summary=str(error))
    if isinstance(error, SyntaxError):
        text = "".join(traceback.format_exception_only(error)).strip()
        return ProgramError(message=text, summary=f"{error.msg} ({error.filename}, line {error.lineno})")
    trace = "".join(traceback.format_exception(error)).strip()
    return ProgramError(
        message=f"Program failed with an unhandled exception:\n{trace}",
        summary=f"{type(error).__name__}: {error}",
    )


def _configure(run: ProgramRun) -> None:
    settings.reset_options(
        project=run.project,
        stack=run.stack,
        organization=run.organization,
        root_directory=run.root_directory,
        monitor_address=run.monitor_address,
        engine_address=run.engine_address,
        parallel=run.parallel,
        preview=run.preview,
    )
    config.set_all_config(dict(run.config), list(run.secret_keys))


def _execute(program: Path) -> None:
    folder = program if program.is_dir() else program.parent
    sys.path.insert(0, str(folder))
    sys.argv = [str(program)]
    runpy.run_path(str(program), run_name="__main__")


def _ended_with_the_engine(error: BaseException) -> bool:
    rpc_error = _find(error, grpc.RpcError)
    gone = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
    return isinstance(rpc_error, grpc.Call) and rpc_error.code() in gone


def _find(error: BaseException, kind: type[_E]) -> _E | None:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        if isinstance(current, kind):
            return current
        seen.add(id(current))
        current = current.__cause__ or current.__context__
    return None


def _stop_on_rpc_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if isinstance(context.get("exception"), grpc.RpcError):
        loop.stop()
    else:
        loop.default_exception_handler(context)


def _drain(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left, or closing the loop complains about destroyed tasks."""
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    if pending:
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.close()
