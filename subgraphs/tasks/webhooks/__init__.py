"""Webhooks of the platforms: proven to be theirs, read, and applied."""
