"""Executable documents: read and validated fast, with graphql-core as judge of what is left open.

Nothing here words an error. What these modules say is either certain ("this document is valid") or
nothing at all; then graphql-core parses and validates, and its answer is the one that counts.
"""
