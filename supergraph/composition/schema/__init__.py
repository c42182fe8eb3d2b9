"""Schemas as composition sees them: the model, reading it from SDL, printing it."""
