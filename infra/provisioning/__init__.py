"""What the service does to tenants: requests become jobs, jobs run the steps of operations, steps move tenants on."""
