"""AWS's quotas: what an account has, uses and has left, whether a plan fits, and what more tenants need."""
