"""The Federation specifications: links, directives, field sets, the supergraph that carries them."""
