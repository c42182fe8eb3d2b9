"""The links of a supergraph, and the names that its specifications' directives have in it.

A supergraph's links are read leniently: composition has judged them (`federation.link` reads those
of subgraphs).
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from supergraph.federation.sdl.nodes import Document, SchemaDefinition

__all__ = ["SupergraphLink", "directive_name", "links_of", "spec_name"]

#: The arguments of one `@link`.
SupergraphLink: TypeAlias = dict[str, Any]


def links_of(supergraph: Document) -> tuple[SupergraphLink, ...]:
    """The arguments of each `@link` (or, before it, `@core`) of the schema."""
    return tuple(
        {argument.name: argument.value for argument in directive.arguments}
        for node in supergraph.definitions
        if isinstance(node, SchemaDefinition) and not node.is_extension
        for directive in node.directives
        if directive.name in {"link", "core"}
    )


def spec_name(link: SupergraphLink) -> str:
    """The name the spec goes by here: a directive of that very name belongs to it."""
    return str(link.get("as") or _spec(link))


def directive_name(links: Iterable[SupergraphLink], spec: str) -> str:
    """What the directive that is named like its spec is called here."""
    for link in links:
        if _spec(link) != spec:
            continue
        for item in link.get("import") or ():
            if isinstance(item, dict) and item.get("name") == f"@{spec}":
                return str(item.get("as") or spec).removeprefix("@")
        return spec_name(link)
    return spec


def _spec(link: SupergraphLink) -> str:
    """The spec's own name: the part of its URL before the version."""
    url = str(link.get("url") or link.get("feature") or "")
    return url.rstrip("/").rpartition("/")[0].rpartition("/")[2]
