"""`bulkhead simulate`: decide requests as AWS would, from policies alone; nothing is deployed or called."""

from __future__ import annotations

import os
import sys

import typer

from infra.cli.output import note

_EXAMPLE = (
    "Example: echo '"
    '{"id": 1, "principal": "arn:aws:sts::111122223333:assumed-role/acme/job", "action": "s3:GetObject", '
    '"resource": "arn:aws:s3:::globex-data/x", "resource_account": "111122223333", "identity_policies": '
    '[{"Version": "2012-10-17", '
    '"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::acme-*"}}]}'
    "' | bulkhead simulate"
)
#: What shells report of a program whose reader has gone: 128 and the number of SIGPIPE.
_READER_GONE = 141


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=_EXAMPLE)(simulate)


def simulate() -> None:
    """Decide requests, one JSON object a line of standard input, as AWS would; one answer a line, in order.

    A request has the keys id, principal, action, resource, resource_account, context, identity_policies, boundary,
    session_policy, resource_policy, trust, vpc_endpoint_policy, scps and rcps (lists of levels, from the root down) and
    grants. Only principal, action and resource are needed; what is absent does not exist. Other keys are left alone,
    but one that looks like a misspelt key of these is an Error.

    An answer has id, decision (Allowed, ImplicitlyDenied, ExplicitlyDenied or Error), reason, and statements: those
    that decided. A line that is no request, or has a document that AWS would refuse, is answered with Error and why;
    the exit code is 0 all the same.
    """
    from infra.evaluator.simulate import simulate as answer_all

    if sys.stdin.isatty():
        note("reading requests from the terminal, one a line; end with Ctrl-D")
    try:
        answer_all(lambda size: os.read(sys.stdin.fileno(), size), _write)
    except BrokenPipeError:
        # nothing may be flushed into the closed pipe when the process ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_READER_GONE) from None


def _write(answers: bytes) -> None:
    sys.stdout.buffer.write(answers)
    sys.stdout.buffer.flush()
