"""Subgraph schemas in; a supergraph SDL, or errors and hints, out. Pure: does no I/O."""
