"""The proof of isolation: facts of deployments, finite atoms of what policies compare, and the search for a leak."""
