"""AWS's access decision: the policy language, its grammar, its evaluation, and the catalogue of actions."""
