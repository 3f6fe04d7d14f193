"""Operations on tenants from the request to the end: the tenant's lifecycle, run as durable jobs of steps."""
