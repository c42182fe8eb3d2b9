"""The federation directives; one module each, with its definition by version."""
