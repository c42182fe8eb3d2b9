"""The one registry of error and hint codes.

Each code is declared once, as a constant of the sibling module its kind belongs to, with what it
means. Nothing else in the package spells a code as a string.
"""

from dataclasses import dataclass
from enum import Enum

__all__ = ["CodeKind", "ErrorCode", "declare", "registered_codes"]


class CodeKind(Enum):
    """Who has to act on an error of this kind."""

    COMPOSITION = "composition"  # the author of a subgraph schema
    HINT = "hint"  # the same, but nothing is wrong yet
    CLIENT = "client"  # the sender of the request
    SUBGRAPH = "subgraph"  # the owner of the subgraph named in the error
    GATEWAY = "gateway"  # the operator of the gateway
    FILE = "file"  # the author of a configuration file


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A code, what it means in one sentence, and since which version it exists.

    `http_status` is what a response carries when this error alone decides it; `level` is the
    level of a hint (WARN, INFO, DEBUG).
    """

    name: str
    kind: CodeKind
    meaning: str
    since: str = "0.1.0"
    http_status: int | None = None
    level: str | None = None

    def __str__(self) -> str:
        return self.name


_REGISTRY: dict[str, ErrorCode] = {}


def declare(code: ErrorCode) -> ErrorCode:
    """Add a code to the registry; a name may be declared only once for errors, once for hints."""
    key = f"hint:{code.name}" if code.kind is CodeKind.HINT else code.name
    if key in _REGISTRY:
        raise ValueError(f"error code {code.name} is declared twice")
    _REGISTRY[key] = code
    return code


def registered_codes() -> tuple[ErrorCode, ...]:
    """Every declared code, by name."""
    return tuple(sorted(_REGISTRY.values(), key=lambda code: (code.name, code.kind.value)))
