"""The operators' console: pages made on the server, over the same store, roles and commands as the API."""
