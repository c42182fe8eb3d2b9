"""`@fromContext`: an argument whose value is read from a context."""

import re

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["FROM_CONTEXT", "read_context"]

FROM_CONTEXT = DirectiveSpec(
    "fromContext",
    since=Version(2, 8),
    locations=frozenset({"ARGUMENT_DEFINITION"}),
    arguments={"field": ArgumentSpec("federation__ContextFieldValue")},
)

#: What GraphQL skips between tokens.
_IGNORED = r"(?:[\s,\ufeff]|#[^\n\r]*(?:[\n\r]|$))*"
_CONTEXT = re.compile(rf"{_IGNORED}\${_IGNORED}(?P<name>[A-Za-z_]\w*)(?P<selection>.*)", re.DOTALL)


def read_context(text: object) -> tuple[str, str] | None:
    """The context's name and the selection on it, of `$name { selection }`; None for no context."""
    found = _CONTEXT.fullmatch(text) if isinstance(text, str) else None
    if found is None or not found["selection"]:
        return None
    return found["name"], found["selection"]
