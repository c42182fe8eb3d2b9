"""Rules a subgraph must keep by itself; one module a rule, named after its error code."""
