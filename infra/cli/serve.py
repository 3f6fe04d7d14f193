"""`bulkhead serve`: the provisioning service, and `bulkhead token`, which makes tokens for one in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import JsonOption, note, out, print_json

if TYPE_CHECKING:
    from infra.service.serve import Serving

Host = Annotated[str | None, typer.Option(help="The address to listen on; by default 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The port, by default 8420; 0 takes any free one.")]
Workers = Annotated[int | None, typer.Option(min=1, max=32, help="How many worker processes, by default 2.")]
Only = Annotated[str | None, typer.Option(metavar="PART", help="Run one part alone: api, worker, outbox or scheduler.")]
Roles = Annotated[
    list[str], typer.Option("--role", help="What the bearer is: platform-admin, operator, auditor or tenant-admin.")
]
Subject = Annotated[str, typer.Option(help="Whose token it is; the audit log names it.")]
Tenant = Annotated[str | None, typer.Option(help="The tenant that a tenant-admin administers.")]
Lifetime = Annotated[str, typer.Option(help="How long it is valid: 90s, 30m, 1h; at most 24h.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(epilog="Example: bulkhead serve --workers 2; bulkhead serve --only worker --workers 4")(serve)
    app.command(epilog='Example: curl -H "Authorization: Bearer $(bulkhead token --role operator)" ...')(token)


def serve(
    host: Host = None, port: Port = None, workers: Workers = None, only: Only = None, as_json: JsonOption = False
) -> None:
    """Run the provisioning service: API and console, workers, what tells receivers outside, and what looks for drift.

    By default with SQLite and in the embedded cloud, which is started where it does not run. It runs until Ctrl-C; an
    operation that is under way then is resumed by the next worker. docs/service.md has the settings, and how several
    machines share one PostgreSQL.

    --json prints one document when all processes work: address, children and logs.
    """
    from infra.errors import UserError
    from infra.service.serve import Part
    from infra.service.serve import serve as run
    from infra.service.settings import load_service_settings
    from infra.settings import load_settings

    if only is not None and only not in set(Part):
        raise UserError(f"{only!r} is no part of the service", f"give one of {', '.join(Part)}", "--only")
    run(
        load_settings(),
        load_service_settings(host=host, port=port, workers=workers),
        Part(only) if only else None,
        on_ready=print_json if as_json else _show,
        report=note,
    )


def token(
    role: Roles,
    subject: Subject = "operator",
    tenant: Tenant = None,
    lifetime: Lifetime = "1h",
    as_json: JsonOption = False,
) -> None:
    """Print a signed token for the service in the embedded cloud.

    Against AWS tokens come from the OpenID Connect issuer that the service is told of.
    """
    from infra.api.auth.roles import Role
    from infra.errors import UserError
    from infra.service.local_tokens import local_token, parse_lifetime
    from infra.settings import load_settings

    unknown = [each for each in role if each not in set(Role)]
    if unknown:
        raise UserError(f"{unknown[0]!r} is no role", f"give one of {', '.join(Role)}", "--role")
    made = local_token(load_settings(), subject, [Role(each) for each in role], tenant, parse_lifetime(lifetime))
    if as_json:
        print_json({"token": made})
    else:
        typer.echo(made)


def _show(serving: Serving) -> None:
    out.print(f"serving at {serving.address} ({', '.join(serving.children)})", markup=False, highlight=False)
    if "api" in serving.children:
        _show_how_to_call(serving)
    if serving.logs is not None:
        out.print(f"  logs:     {serving.logs}/*.log", markup=False, highlight=False)
    out.print("  to stop:  Ctrl-C", markup=False, highlight=False)


def _show_how_to_call(serving: Serving) -> None:
    out.print("  a token:  TOKEN=$(bulkhead token --role operator)", markup=False, highlight=False)
    out.print(f'  a call:   curl -H "Authorization: Bearer $TOKEN" {serving.address}/v1/tenants', markup=False)
    out.print(f"  console:  {serving.address}/console", markup=False, highlight=False)
