"""Which specifications a subgraph's document links, and the names that follow from it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from supergraph.composition.result import CompositionError, Location
from supergraph.composition.schema.model import Position
from supergraph.composition.subgraph.link_names import LinkNames
from supergraph.composition.subgraph.state import SubgraphLink
from supergraph.error_codes import composition as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.directives.catalog import (
    FEDERATION_DIRECTIVES,
    FEDERATION_TYPES,
    directives_in,
)
from supergraph.federation.link import (
    APOLLO_SPECS,
    FEDERATION_IDENTITY,
    LINK_IDENTITY,
    Link,
    LinkError,
    parse_link,
)
from supergraph.federation.sdl.nodes import (
    Directive,
    DirectiveDefinition,
    Document,
    SchemaDefinition,
)
from supergraph.federation.values import ConstValue
from supergraph.federation.versions import FEDERATION_1, FEDERATION_VERSIONS, Version

__all__ = ["DocumentLinks", "read_links"]

#: Specifications that have one federation directive each and may be linked by themselves.
_SINGLE_SPECS: dict[str, tuple[Version, ...]] = {
    "tag": (Version(0, 1), Version(0, 2), Version(0, 3)),
    "inaccessible": (Version(0, 1), Version(0, 2)),
    "authenticated": (Version(0, 1),),
    "requiresScopes": (Version(0, 1),),
    "policy": (Version(0, 1),),
    "cost": (Version(0, 1),),
    "context": (Version(0, 1),),
    "link": (Version(1, 0),),
}
#: What these have besides the directive they are named after.
_OTHER_ELEMENTS = {
    "context": ("@fromContext", "ContextFieldValue"),
    "cost": ("@listSize",),
    "link": ("Import", "Purpose"),
    "policy": ("Policy",),
    "requiresScopes": ("Scope",),
}
_SHADOWED_SPECS = {f"{APOLLO_SPECS}/tag", f"{APOLLO_SPECS}/inaccessible"}
_UNSUPPORTED_SPECS = {f"{APOLLO_SPECS}/connect": "connectors (@connect, @source)"}


@dataclass(slots=True)
class DocumentLinks:
    """The links of one document.

    `directives` and `types` map local names to names inside composition; `link_names` are the
    local names of `@link` itself.
    """

    version: Version = FEDERATION_1
    links: list[SubgraphLink] = field(default_factory=list)
    directives: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    link_names: set[str] = field(default_factory=lambda: {"link"})


def read_links(subgraph: str, document: Document) -> tuple[DocumentLinks, list[CompositionError]]:
    """Read every link on the document's schema definition and extensions."""
    reader = _LinkReader(subgraph, document)
    applications = [
        directive
        for node in document.definitions
        if isinstance(node, SchemaDefinition)
        for directive in node.directives
    ]
    defined = {node.name for node in document.definitions if isinstance(node, DirectiveDefinition)}
    reader.read(applications, defined)
    return reader.found, reader.errors


class _LinkReader:
    def __init__(self, subgraph: str, document: Document) -> None:
        self._subgraph = subgraph
        self._document = document
        self.found = DocumentLinks()
        self._names = LinkNames()
        self.errors: list[CompositionError] = []

    def read(self, applications: Sequence[Directive], defined: set[str]) -> None:
        local = _local_link_name(applications)
        self.found.link_names = {local}
        for node in applications:
            if node.name == local:
                self._link(node)
            elif node.name == "core":
                self._error(
                    codes.UNSUPPORTED_FEATURE,
                    "The schema uses @core, the draft that @link replaced: write "
                    '@link(url: "…") with the same URL instead of @core(feature: "…").',
                    self._document.place(node.at),
                )
        if self.found.version is FEDERATION_1:
            self._refuse_shadowed_specs()
            self._name_federation_1(defined)

    def _refuse_shadowed_specs(self) -> None:
        """Linked by a document that links the link specification and not federation's.

        Such a document is upgraded to federation 2, which has these names itself.
        """
        if not any(item.link.url.identity == LINK_IDENTITY for item in self.found.links):
            return
        for item in self.found.links:
            identity, name = item.link.url.identity, item.link.namespace
            if identity in _SHADOWED_SPECS and identity.endswith("/" + name):
                self._error(
                    codes.INVALID_LINK_DIRECTIVE_USAGE,
                    f'"@{name}" is a federation directive too: link the federation specification '
                    f'and import "@{name}" from it, instead of linking "{identity}".',
                    item.position,
                )

    def _link(self, node: Directive) -> None:
        position = self._document.place(node.at)
        arguments = _arguments(node)
        try:
            link = parse_link(arguments)
        except LinkError as error:
            self._error(error.definition, error.message, position)
            return
        if not self._is_acceptable(link, position):
            return
        self._names.add(link)
        self.found.links.append(SubgraphLink(link, position))
        identity = link.url.identity
        if identity == FEDERATION_IDENTITY:
            self._name_federation(link)
        elif identity.startswith(APOLLO_SPECS) and link.url.name in FEDERATION_DIRECTIVES:
            self._name_single(link)

    def _is_acceptable(self, link: Link, position: Position | None) -> bool:
        identity, version = link.url.identity, link.url.version
        for other in self.found.links:
            if other.link.url.identity == identity:
                self._error(
                    codes.INVALID_LINK_DIRECTIVE_USAGE,
                    f'The specification "{identity}" is linked twice: merge the two links.',
                    other.position,
                    position,
                )
                return False
        conflict = self._names.conflict(link)
        if conflict is not None:
            why = f'{conflict}: give one of the two another name with "as".'
            self._error(codes.INVALID_LINK_DIRECTIVE_USAGE, why, position)
            return False
        if identity in _UNSUPPORTED_SPECS:
            self._error(
                codes.UNSUPPORTED_FEATURE,
                f"The schema uses {_UNSUPPORTED_SPECS[identity]}, which are not composed here.",
                position,
            )
            return False
        if identity == FEDERATION_IDENTITY:
            return self._is_known_federation(link, position)
        if identity.startswith(APOLLO_SPECS + "/") and version not in _SINGLE_SPECS.get(
            link.url.name, (version,)
        ):
            known = ", ".join(map(str, _SINGLE_SPECS[link.url.name]))
            self._error(
                codes.UNKNOWN_LINK_VERSION,
                f'The version {version} of "{identity}" is not known; known are {known}.',
                position,
            )
            return False
        if identity.startswith(APOLLO_SPECS + "/") and link.url.name in _SINGLE_SPECS:
            return self._imports_only(link, position)
        return True

    def _imports_only(self, link: Link, position: Position | None) -> bool:
        elements = {"@" + link.url.name, *_OTHER_ELEMENTS.get(link.url.name, ())}
        unknown = [item.name for item in link.imports if item.name not in elements]
        for name in unknown:
            known = ", ".join(sorted(elements))
            message = f'"{link.url}" has no "{name}" to import; it has {known}.'
            self._error(codes.INVALID_LINK_DIRECTIVE_USAGE, message, position)
        return not unknown

    def _is_known_federation(self, link: Link, position: Position | None) -> bool:
        version = link.url.version
        if version not in FEDERATION_VERSIONS:
            self._error(
                codes.UNKNOWN_FEDERATION_LINK_VERSION,
                f"The federation version {version} is not known; known are "
                f"{FEDERATION_VERSIONS[0]} to {FEDERATION_VERSIONS[-1]}.",
                position,
            )
            return False
        return self._has_imports(link, position)

    def _has_imports(self, link: Link, position: Position | None) -> bool:
        version, faults = link.url.version, len(self.errors)
        directives = directives_in(version)
        for item in link.imports:
            if item.name.startswith("@"):
                known = item.name[1:] in directives or item.name == "@link"
            else:
                since = FEDERATION_TYPES.get(item.name)
                known = since is not None and since <= version
            if known:
                continue
            later = FEDERATION_DIRECTIVES.get(item.name[1:])
            advice = _advice(item.name, directives, None if later is None else later.since)
            self._error(
                codes.INVALID_LINK_DIRECTIVE_USAGE,
                f'federation {version} has no "{item.name}" to import: {advice}.',
                position,
            )
        return len(self.errors) == faults

    def _name_federation(self, link: Link) -> None:
        self.found.version = link.url.version
        for name, spec in directives_in(link.url.version).items():
            self.found.directives[link.directive_name(name)] = spec.name
        for name, since in FEDERATION_TYPES.items():
            if since <= link.url.version:
                self.found.types[link.type_name(name)] = "federation__" + name

    def _name_single(self, link: Link) -> None:
        spec = FEDERATION_DIRECTIVES[link.url.name]
        self.found.directives[link.directive_name(spec.short_name)] = spec.name
        if spec.short_name == "cost":
            self.found.directives[link.directive_name("listSize")] = FEDERATION_DIRECTIVES[
                "listSize"
            ].name

    def _name_federation_1(self, defined: set[str]) -> None:
        """Without a link, federation 2 directives have their meaning if the document defines them.

        Subgraph libraries that print them that way predate the link.
        """
        for name, spec in directives_in(FEDERATION_VERSIONS[0]).items():
            if spec.in_federation_1 or name in defined:
                self.found.directives.setdefault(name, spec.name)
        self.found.types["_FieldSet"] = "federation__FieldSet"

    def _error(self, definition: ErrorCode, message: str, *positions: Position | None) -> None:
        places = tuple(Location(self._subgraph, *place) for place in positions if place)
        self.errors.append(
            CompositionError(definition, f"[{self._subgraph}] {message}", (self._subgraph,), places)
        )


def _local_link_name(applications: Iterable[Directive]) -> str:
    """The name the document gives `@link`: a link to the link specification may rename it."""
    for node in applications:
        arguments = _arguments(node)
        url = arguments.get("url")
        if isinstance(url, str) and url.startswith(LINK_IDENTITY + "/"):
            try:
                link = parse_link(arguments)
            except LinkError:
                continue
            if link.directive_name("link") == node.name:
                return node.name
    return "link"


def _arguments(node: Directive) -> dict[str, ConstValue]:
    return {argument.name: argument.value for argument in node.arguments}


def _advice(name: str, known: Iterable[str], since: Version | None) -> str:
    if since is not None:
        return f"it exists since {since}"
    if "@" + name in _prefixed(known):
        return f'a directive is imported with its "@", as "@{name}"'
    return "remove it, or correct its name"


def _prefixed(names: Iterable[str]) -> Iterator[str]:
    return ("@" + name for name in names)
