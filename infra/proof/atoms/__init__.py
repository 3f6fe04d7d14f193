"""Finite atoms: for each variable of a request, one value for every way in which policies can tell values apart."""
