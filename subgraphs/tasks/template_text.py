"""Template texts: `{{name}}` placeholders, checked when written, filled when sent."""

import re
from collections.abc import Mapping

__all__ = ["KNOWN_PLACEHOLDERS", "placeholders", "render", "unknown_placeholders"]

#: What a contact can fill in.
KNOWN_PLACEHOLDERS = frozenset({"name"})
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def placeholders(body: str) -> list[str]:
    """The placeholders of a text, each once, in order of appearance."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(body)))


def unknown_placeholders(body: str) -> list[str]:
    """The placeholders that no contact can fill in."""
    return [name for name in placeholders(body) if name not in KNOWN_PLACEHOLDERS]


def render(body: str, values: Mapping[str, str]) -> str:
    """The text for one recipient; values are inserted as they are, never read as templates."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], body)
