"""Proof that every field of the API schema can be reached through the subgraphs."""
