"""The proof: from exported deployments to facts, from facts to a verdict, from a verdict to a report.

Pure: it reads documents, and knows nothing of how this platform builds its stacks.
"""
