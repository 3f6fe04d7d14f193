"""`bulkhead serve`: the processes of the provisioning service, and what each is made of."""
