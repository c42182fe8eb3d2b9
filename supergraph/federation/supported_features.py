"""Refuse supergraphs that ask for what this gateway does not do.

A supergraph links the specs it uses, and says with `for:` when a gateway that ignores one would
answer wrongly (EXECUTION) or give away what it must not (SECURITY). Such a link has to be
understood (https://specs.apollo.dev/link/v1.0/#@link.for).
"""

import re

from supergraph.error_codes import composition as codes
from supergraph.errors import SupergraphError
from supergraph.federation.sdl.nodes import Document, SchemaDefinition
from supergraph.federation.values import EnumValue

__all__ = ["check_supported"]

#: Specs whose meaning the planner keeps, with the newest version that is known.
_SUPPORTED = {
    "link": (1, 0),
    "core": (0, 2),
    "join": (0, 5),
    "inaccessible": (0, 2),
    "context": (0, 1),
}
_URL = re.compile(r"^https://specs\.apollo\.dev/(?P<name>[\w-]+)/v(?P<major>\d+)\.(?P<minor>\d+)")


def check_supported(document: Document) -> None:
    """Raise `SupergraphError` with UNSUPPORTED_LINKED_FEATURE for a link that must be understood.

    Links without a purpose only describe (`@tag`, `@cost`); they are safe to ignore.
    """
    for node in document.definitions:
        if not isinstance(node, SchemaDefinition):
            continue
        for directive in node.directives:
            if directive.name not in {"link", "core"}:
                continue
            values = {item.name: item.value for item in directive.arguments}
            url = values.get("url") or values.get("feature")
            purpose = values.get("for")
            if isinstance(url, str) and isinstance(purpose, EnumValue):
                _check(url, purpose)


def _check(url: str, purpose: str) -> None:
    match = _URL.match(url)
    if match is not None:
        newest = _SUPPORTED.get(match["name"])
        if newest is not None and (int(match["major"]), int(match["minor"])) <= newest:
            return
    raise SupergraphError(
        codes.UNSUPPORTED_LINKED_FEATURE,
        f"The supergraph links {url} for {purpose}, which this version does not enforce; "
        "serving it would ignore what its directives ask for.",
    )
