"""From the query tree to requests: the fetch graph and its optimisations."""
