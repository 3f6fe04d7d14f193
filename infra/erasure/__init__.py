"""Erases a tenant (GDPR article 17): the inventory of what is its, the removal of what is left, the certificate.

``ownership`` says whose a thing is; ``kinds`` is the table of what there can be; ``inventory`` reads; ``removal``
removes in order, keys last; ``state_history`` does both for the stack's state; ``certificate`` says what was done,
signed by ``signing`` and printed by ``page``.
"""
