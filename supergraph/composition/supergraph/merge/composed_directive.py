"""`@composeDirective`: directives of the subgraphs' own that the supergraph keeps.

A link says which specification a directive comes from; that is how one knows that two subgraphs
mean the same by one name. Of each specification one version reaches the supergraph: the newest
that a subgraph asks for. Only subgraphs that ask for a directive contribute applications of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from supergraph.composition.schema.model import AppliedDirective, Argument, DirectiveDefinition
from supergraph.composition.subgraph.state import SubgraphLink, SubgraphState
from supergraph.composition.supergraph.context import MergeContext, Source, names_of
from supergraph.composition.supergraph.merge.directives import merge_directives
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints
from supergraph.federation.directives.compose_directive import COMPOSE_DIRECTIVE
from supergraph.federation.link import APOLLO_SPECS, FEDERATION_IDENTITY, LINK_IDENTITY, Link
from supergraph.federation.values import ConstValue

__all__ = ["merge_composed_directives"]

#: Federation directives that reach the supergraph without being asked for.
_ALWAYS_COMPOSED = frozenset(
    {"tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context"}
)
_MACHINERY = {LINK_IDENTITY, FEDERATION_IDENTITY} | {
    f"{APOLLO_SPECS}/{name}" for name in (*_ALWAYS_COMPOSED, "core", "join", "cost", "cacheTag")
}


@dataclass(frozen=True, slots=True)
class _Request:
    """One subgraph asks for one directive; `original` is its name in the specification."""

    source: Source[DirectiveDefinition]
    link: Link
    original: str

    @property
    def name(self) -> str:
        return self.source.element.name


_ByName: TypeAlias = Mapping[str, list[_Request]]


def merge_composed_directives(context: MergeContext) -> list[AppliedDirective]:
    """Add the asked-for definitions to the merged schema; returns the links they need."""
    requests = [
        request
        for state in context.subgraphs
        for application in state.schema.directives
        if application.name == COMPOSE_DIRECTIVE.name
        for request in _read(context, state, application)
    ]
    newest = _newest_versions(context, requests)
    by_name = _grouped(requests, by_original=False)
    unclear = {name for name, found in by_name.items() if not _agree(context, found)}
    for original, found in _grouped(requests, by_original=True).items():
        unclear |= _differently_named(context, original, found)
    accepted = {
        name: found
        for name, found in by_name.items()
        if name not in unclear and found[0].link.url.identity in newest
    }
    composed = []
    for name, found in accepted.items():
        definition = _definition(context, found[0], newest[found[0].link.url.identity])
        if definition is None:
            continue
        composed.append(found[0])
        context.schema.directive_definitions[name] = definition
        context.composed_directives[name] = {request.source.state.name for request in found}
    return list(_links(composed, newest))


def _read(
    context: MergeContext, state: SubgraphState, application: AppliedDirective
) -> Iterator[_Request]:
    name = application.arguments.get("name")
    if type(name) is not str or not name.startswith("@") or name == "@":
        _refuse(context, state, application, f'{name!r} is no directive name, like "@mine"')
        return
    link = _owner(state.links, name[1:])
    if link is not None and link.link.url.identity in _MACHINERY:
        _judge_federation_directive(context, state, application, name)
        return
    definition = state.schema.directive_definitions.get(name[1:])
    if definition is None:
        _refuse(context, state, application, f'"{name}" is not defined in this subgraph')
    elif link is None:
        why = f'no link says which specification "{name}" is from: add @link(url: …, import: …)'
        _refuse(context, state, application, why)
    elif _meets_federation_directive(context, name[1:]):
        why = f'another subgraph has a federation directive under the name "{name}"'
        _refuse(context, state, application, why)
    else:
        yield from _request(context, state, application, definition, link.link)


def _request(
    context: MergeContext,
    state: SubgraphState,
    application: AppliedDirective,
    definition: DirectiveDefinition,
    link: Link,
) -> Iterator[_Request]:
    name = definition.name
    imported = {item.local_name: item.name[1:] for item in link.imports}
    original = imported.get("@" + name)
    if original is None:
        original = link.url.name if name == link.namespace else name.partition("__")[2]
        if original in imported.values():
            _refuse(context, state, application, f'"@{name}" is imported under another name')
            return
    yield _Request(Source(state, definition), link, original)


def _owner(links: list[SubgraphLink], name: str) -> SubgraphLink | None:
    return next((item for item in links if item.link.owns(name)), None)


def _meets_federation_directive(context: MergeContext, name: str) -> bool:
    return any(
        state.local_directive_names.get(short) == name
        for state in context.subgraphs
        for short in ("tag", "inaccessible")
    )


def _judge_federation_directive(
    context: MergeContext, state: SubgraphState, application: AppliedDirective, name: str
) -> None:
    short = next(
        (s for s, local in state.local_directive_names.items() if "@" + local == name), None
    )
    if short in _ALWAYS_COMPOSED:
        context.hint(
            hints.DIRECTIVE_COMPOSITION_INFO,
            f'"{name}" is composed anyway: @composeDirective in "{state.name}" is not needed.',
            (),
        )
        return
    why = f'"{name}" is a federation directive, which is never composed'
    _refuse(context, state, application, why)


def _grouped(requests: Iterable[_Request], *, by_original: bool) -> _ByName:
    groups: dict[str, list[_Request]] = {}
    for request in requests:
        groups.setdefault(request.original if by_original else request.name, []).append(request)
    return dict(sorted(groups.items()))


def _agree(context: MergeContext, requests: list[_Request]) -> bool:
    """Whether all subgraphs that ask for the name mean one directive."""
    name = requests[0].name
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


def _differently_named(context: MergeContext, original: str, found: list[_Request]) -> set[str]:
    """The local names to leave out because the subgraphs call one directive differently."""
    names = {request.name for request in found}
    if len(names) > 1:
        described = ", ".join(
            f'"@{request.name}" in "{request.source.state.name}"' for request in found
        )
        context.error(
            codes.DIRECTIVE_COMPOSITION_ERROR,
            f'"@{original}" is composed under different names: {described}; import it under one.',
            [request.source for request in found],
        )
    identity, expected = found[0].link.url.identity, found[0].name
    asking = {request.source.state.name for request in found}
    others = [
        state
        for state in context.subgraphs
        if state.name not in asking
        for item in state.links
        if item.link.url.identity == identity
        and any(i.name == "@" + original for i in item.link.imports)
        and item.link.directive_name(original) != expected
    ]
    if others:
        context.hint(
            hints.DIRECTIVE_COMPOSITION_WARN,
            f'"@{expected}" is composed, and called otherwise in {names_of(others)}, which cannot '
            "ask for it under that name.",
            (),
        )
    return names if len(names) > 1 else set()


def _newest_versions(context: MergeContext, requests: Sequence[_Request]) -> dict[str, Link]:
    """The link of each specification whose version the supergraph takes.

    Two major versions of a specification are two specifications; one link cannot name both.
    """
    asking = {(request.link.url.identity, request.source.state.name) for request in requests}
    links: dict[str, list[tuple[SubgraphState, Link]]] = {}
    for state in context.subgraphs:
        for item in state.links:
            links.setdefault(item.link.url.identity, []).append((state, item.link))
    newest = {}
    for identity, found in sorted(links.items()):
        asked = [link for state, link in found if (identity, state.name) in asking]
        majors = {link.url.version.major for link in asked}
        if len(majors) > 1:
            sources = [r.source for r in requests if r.link.url.identity == identity]
            versions = ", ".join(sorted({str(link.url.version) for link in asked}))
            context.error(
                codes.DIRECTIVE_COMPOSITION_ERROR,
                f'Directives of "{identity}" are composed from different major versions: '
                f"{versions}; link the same one in all subgraphs.",
                sources,
            )
            continue
        if len({link.url.version.major for _, link in found}) > 1:
            context.hint(
                hints.DIRECTIVE_COMPOSITION_INFO,
                f'"{identity}" is linked in different major versions, of which at most one is '
                "composed.",
                (),
            )
        if asked:
            newest[identity] = max(asked, key=lambda link: link.url.version)
    return newest


def _definition(
    context: MergeContext, request: _Request, newest: Link
) -> DirectiveDefinition | None:
    """The definition of a subgraph that links the version taken; it must have one."""
    candidates = [
        (state, item.link.directive_name(request.original))
        for state in reversed(context.subgraphs)
        for item in state.links
        if item.link.url == newest.url
    ]
    for state, local in candidates:
        definition = state.schema.directive_definitions.get(local)
        if definition is not None:
            return DirectiveDefinition(
                request.name,
                definition.description,
                arguments=_arguments(context, Source(state, definition)),
                locations=definition.locations,
                repeatable=definition.repeatable,
            )
    context.error(
        codes.DIRECTIVE_COMPOSITION_ERROR,
        f'"@{request.name}" is composed from "{newest.url}", which '
        f"{names_of(state for state, _ in candidates)} links without a definition of it: define "
        "it there.",
        [request.source],
    )
    return None


def _arguments(context: MergeContext, source: Source[DirectiveDefinition]) -> dict[str, Argument]:
    """The arguments with those of their directives that the supergraph keeps."""
    state, definition = source
    merged = {}
    for argument in definition.arguments.values():
        kept = replace(argument, directives=[])
        at = f"@{definition.name}({argument.name}:)"
        merge_directives(context, kept, [Source(state, argument)], at)
        merged[argument.name] = kept
    return merged


def _links(composed: Iterable[_Request], newest: Mapping[str, Link]) -> Iterator[AppliedDirective]:
    by_identity: dict[str, list[_Request]] = {}
    for request in composed:
        by_identity.setdefault(request.link.url.identity, []).append(request)
    for identity, requests in sorted(by_identity.items()):
        imports: list[ConstValue] = []
        for request in requests:
            local, original = "@" + request.name, "@" + request.original
            imports.append(local if local == original else {"name": original, "as": local})
        yield AppliedDirective("link", {"url": str(newest[identity].url), "import": imports})


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
