"""Which places a query can be at after a field, given the places it can be at before.

The same moves as the planner's (a field inside a subgraph, an entity fetch by key into another),
asked as yes-or-no questions: satisfiability needs to know that there is a way, not which is best.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple, TypeAlias

from supergraph.error_codes import runtime as codes
from supergraph.errors import GatewayError
from supergraph.federation.field_set import Selection, parse_field_set
from supergraph.names import TypeName
from supergraph.query_graph.circular_questions import CircularQuestions
from supergraph.query_graph.graph import QueryGraph
from supergraph.query_graph.nodes import FieldEdge, Node

__all__ = ["Place", "Places", "Reach", "TooManyQuestionsError"]

#: Questions about keys before an answer is given up. A supergraph of 50 subgraphs and 5,000 types
#: asks 14,000.
KEY_QUESTIONS_MAX = 80_000


class TooManyQuestionsError(GatewayError):
    """KEY_QUESTIONS_MAX is reached: the keys of the supergraph are too entangled."""

    def __init__(self) -> None:
        super().__init__(
            codes.QUERY_PLANNING_FAILED,
            f"what can be reached by key was not settled after {KEY_QUESTIONS_MAX} questions",
        )


class Place(NamedTuple):
    """A node, and the external fields that the way to it provides there.

    At an interface object the subgraph cannot tell the value's type; `concrete` is the type it is
    looked at as.
    """

    node: Node
    provided: tuple[Selection, ...] = ()
    concrete: TypeName = TypeName("")


Places: TypeAlias = frozenset[Place]


class _Entering(NamedTuple):
    """Whether an entity fetch can go from the place to the head, by some key there."""

    place: Place
    head: Node
    requires: str | None


class Reach:
    """Answers reachability on one query graph; memoises per place.

    Raises `TooManyQuestionsError` when its lifetime's questions are used up; `renew` allows more.
    """

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._memo: dict[tuple[Place, str], Places] = {}
        self._entering = CircularQuestions(self._can_use_any_key)
        self._questions_left = KEY_QUESTIONS_MAX

    def renew(self) -> None:
        """Allow KEY_QUESTIONS_MAX questions from here."""
        self._questions_left = KEY_QUESTIONS_MAX

    def after_field(self, places: Iterable[Place], name: str) -> Places:
        """Every place the field's value can be asked at. The places are of one object type."""
        found: set[Place] = set()
        for place in places:
            node = place.node
            if not self._graph.entity_heads(node.type_name) and not self._graph.field_edge(
                node, name
            ):
                continue  # Most places of a root type: each of its fields is in few subgraphs.
            found |= self._after_field_at(place, name)
        return frozenset(found)

    def _after_field_at(self, place: Place, name: str) -> Places:
        found = self._memo.get((place, name))
        if found is None:
            before = self._entering.provisional_answers
            found = frozenset(self._after_field(place, name))
            if self._entering.provisional_answers == before:
                self._memo[place, name] = found
        return found

    def is_at_hand(self, places: Iterable[Place], name: str) -> bool:
        """Whether one of the places' own subgraphs answers the field, whatever else there is."""
        edges = (self._graph.field_edge(place.node, name) for place in places)
        return any(edge is not None and edge.is_free for edge in edges)

    def narrowed(self, places: Iterable[Place], type_name: TypeName) -> Places:
        """The places where a value can be of the object type, as places of that type."""
        found = set()
        for place in places:
            if type_name not in self._possible(place.node):
                continue
            provided = tuple(self._provided_on(place.provided, type_name))
            if self._graph.is_interface_object(place.node):
                found.add(Place(place.node, provided, type_name))
            else:
                found.add(Place(Node(place.node.subgraph, type_name), provided))
        return frozenset(found)

    def object_types(self, places: Iterable[Place]) -> frozenset[TypeName]:
        """The object types a value can have at any of the places."""
        types = (self._possible(place.node) for place in places)
        return frozenset[TypeName]().union(*types)

    def _possible(self, node: Node) -> frozenset[TypeName]:
        if self._graph.is_interface_object(node):
            return self._graph.api_possible_types(node.type_name)
        return self._graph.possible_types(node)

    def tells_type(self, places: Iterable[Place]) -> bool:
        """Whether the concrete type of a value at the places can be known.

        At an interface object it cannot; a subgraph that knows the implementations must be entered.
        """
        return any(
            not self._graph.is_interface_object(place.node)
            or any(
                self._is_interface(head)
                and place.concrete in self._graph.possible_types(head)
                and self.can_enter(place, head, None)
                for head in self._graph.entity_heads(place.node.type_name)
            )
            for place in places
        )

    def can_enter(self, place: Place, head: Node, requires: str | None) -> bool:
        """Whether an entity fetch can go from the place to the head by one of the keys there."""
        return self._entering.answer(_Entering(place, head, requires))

    def _can_use_any_key(self, entering: _Entering) -> bool:
        place, head, requires = entering
        return any(
            self.can_use_key(place, head, key, requires) for key in self._graph.keys_at(head)
        )

    def can_use_key(self, place: Place, head: Node, key: str, requires: str | None) -> bool:
        """Whether the key, and what the field requires, can be known at the place."""
        self._questions_left -= 1
        if self._questions_left < 0:
            raise TooManyQuestionsError
        selections = parse_field_set(key) + (parse_field_set(requires) if requires else ())
        return self._can_resolve(frozenset({place}), selections)

    def _after_field(self, place: Place, name: str) -> Iterator[Place]:
        yield from self._after_field_there(place, name)
        for head in self._graph.entity_heads(place.node.type_name):
            if self._is_interface(head):
                # Only a subgraph that knows the implementations can go on as the concrete type.
                concrete = Node(head.subgraph, place.concrete)
                if place.concrete in self._graph.possible_types(head) and self.can_enter(
                    place, head, None
                ):
                    yield from self._after_field_at(Place(concrete), name)
                continue
            entered = self._graph.field_edge(head, name)
            if entered is None or entered.join.external:
                continue
            if head == place.node and not entered.join.needs_entry:
                continue
            if self.can_enter(place, head, entered.join.requires):
                yield _head(entered, ())

    def _after_field_there(self, place: Place, name: str) -> Iterator[Place]:
        """The place after the field without leaving the subgraph, if it is answered there."""
        edge = self._graph.field_edge(place.node, name)
        if edge is None:
            return
        if edge.join.context_arguments:
            return  # its arguments are known only to who enters anew
        opened = [item for item in place.provided if item.field == name]
        if opened or edge.is_free:
            yield _head(edge, tuple(inner for item in opened for inner in item.selections))

    def _is_interface(self, node: Node) -> bool:
        return self._graph.is_abstract(node.type_name) and not (
            self._graph.is_interface_object(node)
        )

    def _can_resolve(self, places: Places, selections: Iterable[Selection]) -> bool:
        return all(self._can_select(places, selection) for selection in selections)

    def _can_select(self, places: Places, selection: Selection) -> bool:
        if selection.field == "__typename":
            return True
        for type_name in self.object_types(places):
            own = self.narrowed(places, type_name)
            if selection.field is None:
                condition = TypeName(selection.type_condition or type_name)
                if type_name in self._graph.api_possible_types(condition) and not (
                    self._can_resolve(own, selection.selections)
                ):
                    return False
                continue
            # Mostly the subgraph at hand has the key: only without it others are worth asking,
            # each of which may be entered by way of all the rest.
            there = (self._after_field_there(place, selection.field) for place in own)
            near = frozenset(chain.from_iterable(there))
            if near and self._can_resolve(near, selection.selections):
                continue
            after = self.after_field(own, selection.field)
            if not after or not self._can_resolve(after, selection.selections):
                return False
        return True

    def _provided_on(
        self, provided: Iterable[Selection], type_name: TypeName
    ) -> Iterator[Selection]:
        for selection in provided:
            if selection.field is not None:
                yield selection
            elif type_name in self._graph.api_possible_types(
                TypeName(selection.type_condition or type_name)
            ):
                yield from self._provided_on(selection.selections, type_name)


def _head(edge: FieldEdge, provided: tuple[Selection, ...]) -> Place:
    if edge.join.provides is not None:
        provided += parse_field_set(edge.join.provides)
    return Place(edge.head, provided)
