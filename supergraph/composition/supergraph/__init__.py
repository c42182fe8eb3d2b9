"""From subgraph states to the supergraph: merging and the rules of the merged schema."""
