"""Bounded caches of one process."""
