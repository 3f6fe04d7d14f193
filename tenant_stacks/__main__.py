"""The tenants' program, which ``pulumi up`` runs in this folder; the stack's name is the tenant's id."""

from stacks.program import user_errors
from tenant_stacks.program import run

with user_errors():
    run()
