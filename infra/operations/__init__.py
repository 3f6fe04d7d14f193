"""What Bulkhead does, as functions: the command line and the API are thin layers over these."""
