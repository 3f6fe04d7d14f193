"""What a tenant's spec promises that its roles can do, and the requests by which a proof holds the platform to it."""
