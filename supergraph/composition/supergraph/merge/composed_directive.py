"""`@composeDirective`: directives of the subgraphs' own that the supergraph keeps.

A link says which specification a directive comes from; that is how one knows that two subgraphs
mean the same by one name. The newest minor version's definition is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from supergraph.composition.schema.model import AppliedDirective, DirectiveDefinition
from supergraph.composition.subgraph.state import SubgraphLink, SubgraphState
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints
from supergraph.federation.directives.compose_directive import COMPOSE_DIRECTIVE
from supergraph.federation.link import FEDERATION_IDENTITY, Link
from supergraph.federation.values import ConstValue

__all__ = ["merge_composed_directives"]


@dataclass(frozen=True, slots=True)
class _Request:
    """One subgraph asks for one directive; `original` is its name in the specification."""

    source: Source[DirectiveDefinition]
    link: Link
    original: str


def merge_composed_directives(context: MergeContext) -> list[AppliedDirective]:
    """Add the asked-for definitions to the merged schema; returns the links they need."""
    requests: dict[str, list[_Request]] = {}
    for state in context.subgraphs:
        for application in state.schema.directives:
            if application.name == COMPOSE_DIRECTIVE.name:
                for request in _read(context, state, application):
                    requests.setdefault(request.source.element.name, []).append(request)
    _judge_major_versions(context, [r for found in requests.values() for r in found])
    accepted = [_newest(found) for _, found in sorted(requests.items()) if _agree(context, found)]
    for request in accepted:
        definition = request.source.element
        context.schema.directive_definitions[definition.name] = DirectiveDefinition(
            definition.name,
            definition.description,
            arguments=definition.arguments,
            locations=definition.locations,
            repeatable=definition.repeatable,
        )
        context.composed_directives.add(definition.name)
    return list(_links(accepted))


def _read(
    context: MergeContext, state: SubgraphState, application: AppliedDirective
) -> Iterator[_Request]:
    name = application.arguments.get("name")
    if type(name) is not str or not name.startswith("@") or name == "@":
        _refuse(context, state, application, f'{name!r} is no directive name, like "@mine"')
        return
    link = _owner(state.links, name[1:])
    if link is not None and link.link.url.identity == FEDERATION_IDENTITY:
        _judge_federation_directive(context, state, application, name)
        return
    definition = state.schema.directive_definitions.get(name[1:])
    if definition is None:
        _refuse(context, state, application, f'"{name}" is not defined in this subgraph')
    elif link is None:
        why = f'no link says which specification "{name}" is from: add @link(url: …, import: …)'
        _refuse(context, state, application, why)
    else:
        original = next(
            (item.name[1:] for item in link.link.imports if item.local_name == name), name[1:]
        )
        yield _Request(Source(state, definition), link.link, original)


def _owner(links: list[SubgraphLink], name: str) -> SubgraphLink | None:
    return next((item for item in links if item.link.owns(name)), None)


def _judge_federation_directive(
    context: MergeContext, state: SubgraphState, application: AppliedDirective, name: str
) -> None:
    short = next(
        (s for s, local in state.local_directive_names.items() if "@" + local == name), None
    )
    if short in {"tag", "inaccessible", "authenticated", "requiresScopes", "policy"}:
        context.hint(
            hints.DIRECTIVE_COMPOSITION_INFO,
            f'"{name}" is composed anyway: @composeDirective in "{state.name}" is not needed.',
            (),
        )
        return
    why = f'"{name}" is a federation directive, which is never composed'
    _refuse(context, state, application, why)


def _agree(context: MergeContext, requests: list[_Request]) -> bool:
    """Whether all subgraphs that ask for the name mean one directive."""
    name = requests[0].source.element.name
    identities = {request.link.url.identity for request in requests}
    if len(identities) > 1:
        why = f'"@{name}" comes from different specifications: {", ".join(sorted(identities))}'
    elif len({request.original for request in requests}) > 1:
        why = f'"@{name}" is the local name of different directives of one specification'
    else:
        return True
    states = names_of(request.source.state for request in requests)
    context.error(
        codes.DIRECTIVE_COMPOSITION_ERROR,
        f"{why}, in {states}: link the same one in all of them.",
        [request.source for request in requests],
    )
    return False


def _judge_major_versions(context: MergeContext, requests: list[_Request]) -> None:
    """Two major versions of a specification are two specifications; one link cannot name both."""
    by_identity: dict[str, list[_Request]] = {}
    for request in requests:
        by_identity.setdefault(request.link.url.identity, []).append(request)
    for identity, found in sorted(by_identity.items()):
        versions = sorted({request.link.url.version for request in found})
        if len({version.major for version in versions}) > 1:
            context.error(
                codes.DIRECTIVE_COMPOSITION_ERROR,
                f'Directives of "{identity}" are composed from different major versions: '
                f"{', '.join(map(str, versions))}; link the same one in all subgraphs.",
                [request.source for request in found],
            )


def _newest(requests: list[_Request]) -> _Request:
    return max(requests, key=lambda request: request.link.url.version)


def _links(accepted: list[_Request]) -> Iterator[AppliedDirective]:
    by_identity: dict[str, list[_Request]] = {}
    for request in accepted:
        by_identity.setdefault(request.link.url.identity, []).append(request)
    for _, requests in sorted(by_identity.items()):
        imports: list[ConstValue] = []
        for request in requests:
            local = "@" + request.source.element.name
            original = "@" + request.original
            imports.append(local if local == original else {"name": original, "as": local})
        url = str(_newest(requests).link.url)
        yield AppliedDirective("link", {"url": url, "import": imports})


def _refuse(
    context: MergeContext, state: SubgraphState, application: AppliedDirective, why: str
) -> None:
    context.errors.append(
        state.error(
            codes.DIRECTIVE_COMPOSITION_ERROR,
            f"@composeDirective cannot be followed: {why}.",
            application.position,
        )
    )
