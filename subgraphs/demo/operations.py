"""The operations of the demo, one `.graphql` file each, tested against the supergraph's schema."""

from pathlib import Path

__all__ = ["OPERATIONS", "read_operation"]

OPERATIONS = Path(__file__).with_name("operations")


def read_operation(name: str) -> str:
    """The text of `operations/<name>.graphql`."""
    return (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
