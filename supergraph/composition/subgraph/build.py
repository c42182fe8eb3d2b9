"""From a subgraph's SDL to its state, in the order in which faults make later checks pointless.

The document must parse, then its links must be understood, then its definitions must be readable
and agree with the specifications they come from. Only then are the rules of a subgraph asked.
"""

from supergraph.composition.result import CompositionError, Location, Subgraph
from supergraph.composition.schema.coerce import with_enum_values
from supergraph.composition.schema.elements import elements_of
from supergraph.composition.schema.model import (
    ROOT_NAMES,
    Argument,
    DirectiveDefinition,
    Schema,
    TypeDefinition,
)
from supergraph.composition.schema.read import Naming, SchemaReader
from supergraph.composition.subgraph.field_usage import compute_field_usage
from supergraph.composition.subgraph.links import DocumentLinks, read_links
from supergraph.composition.subgraph.rules.directive_definition_invalid import (
    directive_definition_invalid,
)
from supergraph.composition.subgraph.rules.type_definition_invalid import type_definition_invalid
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes import composition as codes
from supergraph.federation.directives.catalog import FEDERATION_DIRECTIVES
from supergraph.federation.directives.key import KEY
from supergraph.federation.directives.provides import PROVIDES
from supergraph.federation.directives.requires import REQUIRES
from supergraph.federation.sdl.errors import SdlSyntaxError
from supergraph.federation.sdl.nodes import Document, SchemaDefinition
from supergraph.federation.sdl.nodes import TypeDefinition as TypeDefinitionNode
from supergraph.federation.sdl.parse import parse_sdl
from supergraph.federation.values import EnumValue

__all__ = ["SDL_TOKENS_MAX", "build_subgraph"]

#: A document with more tokens is refused before it is parsed any further.
SDL_TOKENS_MAX = 2_000_000

#: What a federation library adds to a subgraph's schema for the gateway's use.
_MACHINERY_TYPES = {"_Any", "_Entity", "_Service", "link__Import", "link__Purpose"}
_MACHINERY_FIELDS = {"_entities", "_service"}
_WITH_FIELD_SET = {KEY.name, PROVIDES.name, REQUIRES.name}

#: Composition's own names for directives, for documents that use them without a link.
_NOT_LINKED = {spec.name: f"{spec.name} (not linked)" for spec in FEDERATION_DIRECTIVES.values()}


def build_subgraph(subgraph: Subgraph) -> tuple[SubgraphState | None, list[CompositionError]]:
    """Read one subgraph; the state is None when there are errors."""
    try:
        document = parse_sdl(subgraph.sdl, SDL_TOKENS_MAX)
    except SdlSyntaxError as error:
        return None, [_syntax_error(subgraph, error)]
    links, errors = read_links(subgraph.name, document)
    if errors:
        return None, errors
    root_names = _declared_roots(document)
    renamed = _root_renames(root_names, document)
    reader = SchemaReader(
        document, Naming({**links.types, **renamed}, {**_NOT_LINKED, **links.directives})
    )
    schema = reader.read()
    state = SubgraphState(
        subgraph.name,
        subgraph.url,
        links.version,
        schema,
        compute_field_usage(schema),
        links.links,
        root_names,
        {full.removeprefix("federation__"): name for name, full in links.directives.items()},
    )
    errors = [
        state.error(codes.INVALID_GRAPHQL, fault.message, fault.position) for fault in reader.faults
    ]
    machinery = _remove_machinery(schema, links)
    _ensure_query(schema)
    _normalise_defaults(schema)
    if state.is_federation_1:
        _quote_field_sets(schema)
        state.usage = compute_field_usage(schema)
    errors += directive_definition_invalid(state, machinery.directives)
    errors += type_definition_invalid(state, machinery.types)
    if errors:
        return None, errors
    return state, []


def _syntax_error(subgraph: Subgraph, error: SdlSyntaxError) -> CompositionError:
    place = Location(subgraph.name, error.line, error.column)
    message = f"[{subgraph.name}] The SDL does not parse: {error.message}"
    return CompositionError(codes.INVALID_GRAPHQL, message, (subgraph.name,), (place,))


def _declared_roots(document: Document) -> dict[str, str]:
    return {
        operation: reference.name
        for node in document.definitions
        if isinstance(node, SchemaDefinition)
        for operation, reference in node.operations
    }


def _root_renames(roots: dict[str, str], document: Document) -> dict[str, str]:
    """Local names of root types to their default names, unless those are taken (a rule says so)."""
    taken = {node.name for node in document.definitions if isinstance(node, TypeDefinitionNode)}
    return {
        name: ROOT_NAMES[operation]
        for operation, name in roots.items()
        if name != ROOT_NAMES[operation] and ROOT_NAMES[operation] not in taken
    }


def _ensure_query(schema: Schema) -> None:
    """Every subgraph answers `_service`, so each has a query root even if it declares none."""
    if "query" not in schema.roots and ROOT_NAMES["query"] not in schema.types:
        schema.types[ROOT_NAMES["query"]] = TypeDefinition(ROOT_NAMES["query"])
        schema.roots["query"] = ROOT_NAMES["query"]


def _normalise_defaults(schema: Schema) -> None:
    for element in elements_of(schema):
        if isinstance(element, Argument) and element.has_default:
            element.default = with_enum_values(schema.types, element.type, element.default)


def _quote_field_sets(schema: Schema) -> None:
    """Federation 1 also took `fields: id` and `fields: ["id", "sku"]` for a field set."""
    for element in elements_of(schema):
        for application in element.directives:
            fields = application.arguments.get("fields")
            if application.name not in _WITH_FIELD_SET:
                continue
            if isinstance(fields, list):
                application.arguments["fields"] = " ".join(map(str, fields))
            elif isinstance(fields, EnumValue):
                application.arguments["fields"] = str(fields)


class _Machinery:
    """Definitions that belong to a specification and were taken out of the schema."""

    def __init__(self, directives: list[DirectiveDefinition], types: list[TypeDefinition]) -> None:
        self.directives = directives
        self.types = types


def _remove_machinery(schema: Schema, links: DocumentLinks) -> _Machinery:
    own_directives = set(links.directives.values())
    directives = [
        schema.directive_definitions.pop(name)
        for name in list(schema.directive_definitions)
        if name in own_directives or name in links.link_names
    ]
    own_types = set(links.types.values())
    types = [
        schema.types.pop(name)
        for name in list(schema.types)
        if name in own_types or name in _MACHINERY_TYPES
    ]
    query = schema.types.get(schema.roots.get("query", ""))
    if query is not None:
        for name in _MACHINERY_FIELDS:
            query.fields.pop(name, None)
    schema.directives = [d for d in schema.directives if d.name not in links.link_names]
    return _Machinery([d for d in directives if d.name in own_directives], types)
