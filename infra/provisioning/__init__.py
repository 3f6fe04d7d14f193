<<<<<<< HEAD
"""What the service does to tenants: requests become jobs, jobs run the steps of operations, steps move tenants on."""
=======
"""Operations on tenants from the request to the end: the tenant's lifecycle, run as durable jobs of steps."""
>>>>>>> 2196d0d93f345bc7f482b14e7b7b792806c20c55
