"""The policy pack: rules over planned resources, and the proof of isolation over a planned stack.

The rules are pure functions in `rules`; `pack` hands them to Pulumi as CrossGuard policies, and `__main__` serves them.
"""
