"""Merging of the versions of one element that the subgraphs define; one module a kind."""
