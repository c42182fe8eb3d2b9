"""Which subgraph resolves which field: from normalized selections to the query tree."""
