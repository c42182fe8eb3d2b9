"""Rules the merged schema must keep; one module a rule, named after its error code."""
