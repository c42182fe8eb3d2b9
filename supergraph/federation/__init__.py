"""The Federation specifications: links, directives, field sets, and the supergraph they make."""
