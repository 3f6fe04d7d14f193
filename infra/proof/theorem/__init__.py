"""The claims that are proven of an estate, one a file, and `prove`, which proves them all."""
