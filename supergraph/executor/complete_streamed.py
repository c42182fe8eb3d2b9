"""Complete lists with `@stream`: the first items now, and the rest later.

https://github.com/graphql/graphql-spec/pull/1110
(`@stream(if: Boolean! = true, label: String, initialCount: Int! = 0)`). The list is there as a
whole; what is saved is the client's waiting for bytes that it does not need at first.
"""

from collections.abc import Mapping
from typing import Any

from graphql import BooleanValueNode, IntValueNode, StringValueNode, ValueNode, VariableNode

from supergraph.error_codes import runtime as codes
from supergraph.executor.completion import (
    Completer,
    Later,
    NulledError,
    Place,
    Request,
    list_of,
    path_of,
)
from supergraph.executor.errors import ErrorList
from supergraph.names import ResponsePath
from supergraph.planner.operation import Streaming

__all__ = ["RestOfList", "streamed_list_of"]


class RestOfList:
    """The items of a list that have not been answered yet."""

    __slots__ = ("_complete_item", "_items", "_place", "label", "start")

    def __init__(
        self,
        complete_item: Completer,
        items: list[Any],
        place: Place,
        start: int,
        label: str | None,
    ) -> None:
        self._complete_item = complete_item
        self._items = items
        self._place = place
        self.start = start
        self.label = label

    @property
    def path(self) -> ResponsePath:
        """Where the list stands in the response."""
        return path_of(self._place)

    @property
    def is_over(self) -> bool:
        """Whether all items have been taken."""
        return self.start >= len(self._items)

    def take(
        self, count: int, variables: Mapping[str, Any], errors: ErrorList, later: Later
    ) -> list[Any]:
        """The next items, at most so many.

        At an item that is null though it cannot be, the rest is over.
        """
        request = Request(variables, errors, later)
        completed: list[Any] = []
        for index in range(self.start, min(self.start + count, len(self._items))):
            noted = len(later.unfinished)
            try:
                item = self._complete_item(self._items[index], (self._place, index), request)
            except NulledError:
                del later.unfinished[noted:]
                self.start = len(self._items)
                return completed
            completed.append(item)
        self.start += len(completed)
        return completed


def streamed_list_of(complete_item: Completer, streaming: Streaming) -> Completer:
    """A list of items that may come in pieces, where what comes later is asked for."""
    arguments = {item.name.value: item.value for item in streaming.arguments}
    applies, initial = arguments.get("if"), arguments.get("initialCount")
    label_node = arguments.get("label")
    label = label_node.value if isinstance(label_node, StringValueNode) else None
    complete_whole = list_of(complete_item)

    def complete_streamed(value: Any, place: Place, request: Request) -> Any:
        later, variables = request.later, request.variables
        if later is None or not isinstance(value, list) or not _argument(applies, variables, True):
            return complete_whole(value, place, request)
        count = _argument(initial, variables, 0)
        if count < 0:
            message = "The argument 'initialCount' of '@stream' cannot be negative."
            request.errors.add(codes.BAD_USER_INPUT, message, path_of(place), {})
            raise NulledError
        completed = complete_whole(value[:count], place, request)
        if count < len(value):
            later.unfinished.append(RestOfList(complete_item, value, place, count, label))
        return completed

    return complete_streamed


def _argument(node: ValueNode | None, variables: Mapping[str, Any], default: Any) -> Any:
    """The value of an argument; a null, which only a variable can have, is as good as none."""
    if isinstance(node, VariableNode):
        value = variables.get(node.name.value)
        return default if value is None else value
    if isinstance(node, IntValueNode):
        return int(node.value)
    return node.value if isinstance(node, BooleanValueNode) else default
