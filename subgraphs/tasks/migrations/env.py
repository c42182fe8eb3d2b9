"""Alembic's entry point for this service."""

from subgraphs.shared.migrate import run_environment

run_environment()
