"""The merged schema as supergraph SDL: links, machinery definitions, then every type by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from supergraph.composition.schema.elements import elements_of
from supergraph.composition.schema.model import (
    AppliedDirective,
    Argument,
    DirectiveDefinition,
    Element,
    Schema,
)
from supergraph.composition.schema.print import (
    print_description,
    print_directive_definition,
    print_schema_definition,
    print_type,
)
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.composition.supergraph.context import MergeContext
from supergraph.federation.directives.authenticated import AUTHENTICATED
from supergraph.federation.directives.cache_tag import CACHE_TAG
from supergraph.federation.directives.context import CONTEXT
from supergraph.federation.directives.cost import COST
from supergraph.federation.directives.from_context import FROM_CONTEXT
from supergraph.federation.directives.inaccessible import INACCESSIBLE
from supergraph.federation.directives.list_size import LIST_SIZE
from supergraph.federation.directives.policy import POLICY
from supergraph.federation.directives.requires_scopes import REQUIRES_SCOPES
from supergraph.federation.directives.spec import DirectiveSpec
from supergraph.federation.directives.tag import TAG
from supergraph.federation.join import join_definitions, join_version
from supergraph.federation.link import APOLLO_SPECS
from supergraph.federation.values import ConstValue, EnumValue, print_value
from supergraph.federation.versions import Version

__all__ = ["print_supergraph"]

_LINK_DEFINITION = (
    "directive @link(url: String, as: String, for: link__Purpose, import: [link__Import])"
    " repeatable on SCHEMA"
)
_LINK_TYPES = (
    "scalar link__Import",
    '''enum link__Purpose {
  """Needed to answer securely: a gateway that does not know the feature must refuse."""
  SECURITY

  """Needed to execute operations: a gateway that does not know the feature must refuse."""
  EXECUTION
}''',
)
_LOCATION_ORDER = (
    "FIELD_DEFINITION",
    "OBJECT",
    "INTERFACE",
    "UNION",
    "ARGUMENT_DEFINITION",
    "SCALAR",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
    "SCHEMA",
)


@dataclass(frozen=True, slots=True)
class _Feature:
    """A specification by which the supergraph carries federation directives."""

    name: str
    version: Version
    directives: tuple[DirectiveSpec, ...]
    purpose: str | None = None
    scalar: str | None = None
    #: Directives that the specification defines and no supergraph applies.
    unapplied: tuple[DirectiveSpec, ...] = ()


_FEATURES = (
    _Feature("tag", Version(0, 3), (TAG,)),
    _Feature("inaccessible", Version(0, 2), (INACCESSIBLE,), "SECURITY"),
    _Feature("authenticated", Version(0, 1), (AUTHENTICATED,), "SECURITY"),
    _Feature("requiresScopes", Version(0, 1), (REQUIRES_SCOPES,), "SECURITY", "Scope"),
    _Feature("policy", Version(0, 1), (POLICY,), "SECURITY", "Policy"),
    _Feature("cost", Version(0, 1), (COST, LIST_SIZE)),
    _Feature(
        "context", Version(0, 1), (CONTEXT,), "SECURITY", "ContextFieldValue", (FROM_CONTEXT,)
    ),
)
_CACHE_TAG_VERSION = Version(0, 1)


def print_supergraph(context: MergeContext, links: Sequence[AppliedDirective] = ()) -> str:
    """The SDL; `links` are those of composed directives of the subgraphs' own.

    Renames the federation directives inside `context.schema` to their names in the supergraph.
    """
    schema = context.schema
    used = {application.name for element in _elements(schema) for application in element.directives}
    features = [f for f in _FEATURES if any(spec.name in used for spec in f.directives)]
    _rename(schema, features, used)
    version = max(state.version for state in context.subgraphs)
    join = join_version(version)
    directives, types = join_definitions(join)
    directives = [*directives, _LINK_DEFINITION]
    machinery = [*types, *_LINK_TYPES, _graph_enum(context.subgraphs, context.graph_values)]
    for feature in features:
        for spec in feature.directives:
            if spec.name in used:
                directives.append(_feature_definition(spec, feature, spec.short_name))
        for spec in feature.unapplied:
            local = f"{feature.name}__{spec.short_name}"
            directives.append(_feature_definition(spec, feature, local))
        if feature.scalar:
            machinery.append(f"scalar {feature.name}__{feature.scalar}")
    if "oneOf" in used and "oneOf" not in schema.directive_definitions:
        # Loaders on GraphQL versions before oneOf do not know it by themselves.
        directives.append("directive @oneOf on INPUT_OBJECT")
    directives += map(print_directive_definition, schema.directive_definitions.values())
    printed = {text.split(maxsplit=2)[1]: text for text in machinery}
    printed.update((name, print_type(definition)) for name, definition in schema.types.items())
    applied = [
        _link("link", Version(1, 0)),
        _link("join", join, "EXECUTION"),
        *(_feature_link(feature, used) for feature in features),
        *_join_directive_links(schema),
        *links,
        *schema.directives,
    ]
    head = print_description(schema.description) + print_schema_definition(schema.roots, applied)
    return (
        "\n\n".join([head, *sorted(directives), *(printed[name] for name in sorted(printed))])
        + "\n"
    )


def _graph_enum(subgraphs: Iterable[SubgraphState], values: Mapping[str, str]) -> str:
    lines = (
        f"  {values[s.name]} @join__graph(name: {print_value(s.name)}, url: {print_value(s.url)})"
        for s in subgraphs
    )
    return "enum join__Graph {\n" + "\n".join(lines) + "\n}"


def _link(name: str, version: Version, purpose: str | None = None) -> AppliedDirective:
    arguments: dict[str, ConstValue] = {"url": f"{APOLLO_SPECS}/{name}/{version}"}
    if purpose:
        arguments["for"] = EnumValue(purpose)
    return AppliedDirective("link", arguments)


def _feature_link(feature: _Feature, used: set[str]) -> AppliedDirective:
    link = _link(feature.name, feature.version, feature.purpose)
    imports: list[ConstValue] = [
        "@" + spec.short_name
        for spec in feature.directives
        if spec.name in used and spec.short_name != feature.name
    ]
    if imports:
        link.arguments["import"] = imports
    return link


def _join_directive_links(schema: Schema) -> list[AppliedDirective]:
    """Links for what is carried inside `@join__directive`, which names it by its full name."""
    carried = {
        application.arguments.get("name")
        for element in _elements(schema)
        for application in element.applied("join__directive")
    }
    return [_link("cacheTag", _CACHE_TAG_VERSION, "EXECUTION")] if CACHE_TAG.name in carried else []


def _feature_definition(spec: DirectiveSpec, feature: _Feature, local_name: str) -> str:
    newest = Version(2, 99)
    places = spec.locations_in(newest)
    arguments = {
        name: Argument(
            name,
            type=argument.type.replace("federation__", feature.name + "__"),
            default=argument.default,
            has_default=argument.default is not None,
        )
        for name, argument in spec.arguments_in(newest).items()
    }
    return print_directive_definition(
        DirectiveDefinition(
            local_name,
            arguments=arguments,
            locations=tuple(place for place in _LOCATION_ORDER if place in places),
            repeatable=spec in (TAG, CONTEXT),
        )
    )


def _elements(schema: Schema) -> Iterator[Element]:
    """Everything directives stand on, the arguments of directives themselves included."""
    yield from elements_of(schema)
    for definition in schema.directive_definitions.values():
        yield from definition.arguments.values()


def _rename(schema: Schema, features: Iterable[_Feature], used: set[str]) -> None:
    names = {
        spec.name: spec.short_name
        for feature in features
        for spec in feature.directives
        if spec.name in used
    }
    for element in _elements(schema):
        for application in element.directives:
            application.name = names.get(application.name, application.name)
