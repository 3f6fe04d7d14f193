"""The proof: from exported deployments to facts, from facts to a verdict, from a verdict to a report."""
