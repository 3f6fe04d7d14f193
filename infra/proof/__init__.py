"""Proves that tenants cannot reach each other, from what is deployed or planned, before a request is ever made.

Pure: it reads documents. ``facts`` says what there is; it knows nothing of how this platform builds its stacks.
"""
