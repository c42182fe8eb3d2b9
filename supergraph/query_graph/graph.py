"""The query graph of one supergraph.

Nodes are types in subgraphs. The edges out of a node are read from the supergraph's records on
first use and kept: a supergraph of thousands of types is mostly never walked. The tables are
bounded by the supergraph itself.
"""

from collections.abc import Iterable

from supergraph.federation.supergraph_state import SupergraphState, TypeKind, TypeState
from supergraph.names import SubgraphName, TypeName
from supergraph.query_graph.nodes import EntityEdge, FieldEdge, Node

__all__ = ["QueryGraph"]


class QueryGraph:
    """Answers what can be reached from where; immutable in meaning, memoising inside."""

    def __init__(self, state: SupergraphState) -> None:
        self.state = state
        self._field_edges: dict[Node, dict[str, FieldEdge | None]] = {}
        self._entering_edges: dict[tuple[TypeName, str], tuple[FieldEdge, ...]] = {}
        self._interface_objects: dict[Node, bool] = {}
        self._abstract: dict[TypeName, bool] = {}
        self._possible: dict[Node, frozenset[TypeName]] = {}
        self._api_possible: dict[TypeName, frozenset[TypeName]] = {}
        self._entity_heads: dict[TypeName, tuple[Node, ...]] = {}
        self._entity_edges: dict[TypeName, tuple[EntityEdge, ...]] = {}
        self._by_interface: dict[TypeName, list[TypeState]] | None = None

    def type_state(self, type_name: TypeName) -> TypeState:
        """The type's record in the supergraph."""
        return self.state.types[type_name]

    def has_type(self, node: Node) -> bool:
        """Whether the subgraph knows the type at all."""
        state = self.state.types.get(node.type_name)
        return state is not None and node.subgraph in state.joins

    def is_abstract(self, type_name: TypeName) -> bool:
        """Whether the type is an interface or a union."""
        found = self._abstract.get(type_name)
        if found is None:
            kind = self.state.types[type_name].kind
            found = self._abstract[type_name] = kind in {TypeKind.INTERFACE, TypeKind.UNION}
        return found

    def is_interface_object(self, node: Node) -> bool:
        """Whether the subgraph treats the interface as an object (`@interfaceObject`).

        Such a subgraph knows none of the implementations, so it cannot tell a value's type.
        """
        found = self._interface_objects.get(node)
        if found is None:
            join = self.state.types[node.type_name].joins.get(node.subgraph)
            found = join is not None and join.is_interface_object
            self._interface_objects[node] = found
        return found

    def is_composite(self, type_name: TypeName) -> bool:
        """Whether the type has fields or members to select."""
        state = self.state.types.get(type_name)
        return state is not None and state.kind in {
            TypeKind.OBJECT,
            TypeKind.INTERFACE,
            TypeKind.UNION,
        }

    def root_nodes(self, type_name: TypeName) -> list[Node]:
        """The subgraphs that have a root type, in the supergraph's order."""
        return [Node(subgraph, type_name) for subgraph in self.state.types[type_name].joins]

    def field_edge(self, node: Node, name: str) -> FieldEdge | None:
        """The edge of a field the subgraph declares on the type, external ones included."""
        edges = self._field_edges.get(node)
        if edges is None:
            edges = self._field_edges[node] = {}
        if name not in edges:
            edges[name] = self._build_field_edge(node, name)
        return edges[name]

    def _build_field_edge(self, node: Node, name: str) -> FieldEdge | None:
        state = self.state.types.get(node.type_name)
        field = state.fields.get(name) if state is not None else None
        join = field.joins.get(node.subgraph) if field is not None else None
        if join is None:
            return None
        head = Node(node.subgraph, join.type_name)
        is_leaf = not self.is_composite(join.type_name)
        return FieldEdge(
            tail=node,
            name=name,
            head=head,
            list_depth=join.wrappers.count("["),
            shape=join.wrappers + (join.type_name if is_leaf else ""),
            join=join,
            is_free=not (join.needs_entry or join.external),
            is_leaf=is_leaf,
        )

    def entity_heads(self, type_name: TypeName) -> tuple[Node, ...]:
        """The nodes where the type can be entered by any key."""
        if type_name not in self._entity_heads:
            edges = self.entity_edges(type_name)
            self._entity_heads[type_name] = tuple(dict.fromkeys(edge.head for edge in edges))
        return self._entity_heads[type_name]

    def keys_at(self, head: Node) -> tuple[str, ...]:
        """The keys by which a type can be entered in one subgraph."""
        edges = self.entity_edges(head.type_name)
        return tuple(edge.key for edge in edges if edge.head == head)

    def entering_edges(self, type_name: TypeName, name: str) -> tuple[FieldEdge, ...]:
        """The edges of a field, external ones left out, in subgraphs that can be entered."""
        key = (type_name, name)
        found = self._entering_edges.get(key)
        if found is None:
            edges = (self.field_edge(head, name) for head in self.entity_heads(type_name))
            found = tuple(edge for edge in edges if edge is not None and not edge.join.external)
            self._entering_edges[key] = found
        return found

    def entity_edges(self, type_name: TypeName) -> tuple[EntityEdge, ...]:
        """Every way to enter the type by key, in the supergraph's order of subgraphs and keys.

        An object can also be entered as one of its interfaces, where that is an interface object.
        """
        if type_name not in self._entity_edges:
            self._entity_edges[type_name] = tuple(self._build_entity_edges(type_name))
        return self._entity_edges[type_name]

    def _build_entity_edges(self, type_name: TypeName) -> Iterable[EntityEdge]:
        state = self.state.types[type_name]
        yield from self._own_entity_edges(state)
        if state.kind is TypeKind.OBJECT:
            interfaces = frozenset[TypeName]().union(*state.interfaces.values())
            for interface in sorted(interfaces):
                for edge in self._own_entity_edges(self.state.types[interface]):
                    if self.is_interface_object(edge.head):
                        yield edge

    @staticmethod
    def _own_entity_edges(state: TypeState) -> Iterable[EntityEdge]:
        for subgraph, join in state.joins.items():
            for key in join.keys:
                if key.resolvable:
                    yield EntityEdge(head=Node(subgraph, state.name), key=key.fields)

    def possible_types(self, node: Node) -> frozenset[TypeName]:
        """The object types a value of the node's type can have in that subgraph."""
        if node not in self._possible:
            self._possible[node] = self._build_possible(node)
        return self._possible[node]

    def _build_possible(self, node: Node) -> frozenset[TypeName]:
        state = self.state.types[node.type_name]
        if state.kind is TypeKind.UNION:
            return state.members.get(node.subgraph, frozenset())
        if state.kind is TypeKind.INTERFACE:
            return self._implementations(node.type_name, (node.subgraph,))
        return frozenset({node.type_name})

    def api_possible_types(self, type_name: TypeName) -> frozenset[TypeName]:
        """The object types a value of the type can have in any subgraph."""
        if type_name not in self._api_possible:
            state = self.state.types[type_name]
            if state.kind is TypeKind.UNION:
                found = frozenset[TypeName]().union(*state.members.values())
            elif state.kind is TypeKind.INTERFACE:
                found = self._implementations(type_name, tuple(self.state.subgraphs))
            else:
                found = frozenset({type_name})
            self._api_possible[type_name] = found
        return self._api_possible[type_name]

    def context_setters(self, context: str) -> frozenset[TypeName]:
        """The object types that set a context for what their fields lead to."""
        declared = self.state.contexts.get(context, frozenset())
        return frozenset[TypeName]().union(*map(self.api_possible_types, declared))

    def _implementations(
        self, interface: TypeName, subgraphs: tuple[SubgraphName, ...]
    ) -> frozenset[TypeName]:
        return frozenset(
            state.name
            for state in self._implementers().get(interface, ())
            if any(interface in state.interfaces.get(subgraph, ()) for subgraph in subgraphs)
        )

    def _implementers(self) -> dict[TypeName, list[TypeState]]:
        """The object types by each interface that they implement in any subgraph."""
        if self._by_interface is None:
            self._by_interface = {}
            for state in self.state.types.values():
                if state.kind is TypeKind.OBJECT:
                    for interface in frozenset[TypeName]().union(*state.interfaces.values()):
                        self._by_interface.setdefault(interface, []).append(state)
        return self._by_interface
