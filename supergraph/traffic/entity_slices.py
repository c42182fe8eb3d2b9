"""Cut the answer of a batch into entities, and put each caller's entities together again.

Callers change what they get, so whatever two of them get is there twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.transport import SubgraphReply

__all__ = ["Entity", "cut", "put_together"]

#: The one field of an operation that can be merged with others.
ENTITIES = "_entities"


@dataclass(frozen=True, slots=True)
class _Common:
    """What an answer says of all its entities: the errors that belong to none of them."""

    has_data: bool
    errors: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Entity:
    """What came for one representation: its value, and its errors with the paths inside it."""

    value: Any
    common: _Common
    errors: list[tuple[list[Any], dict[str, Any]]] = field(default_factory=list)
    _is_taken: bool = False

    def take(self) -> Any:
        """The value for one caller: the first gets it as it is."""
        if self._is_taken:
            return _copied(self.value)
        self._is_taken = True
        return self.value


def cut(reply: SubgraphReply, count: int, name: SubgraphName) -> list[Entity]:
    """The entities of a batch's answer; raises `SubgraphError` when it has not as many."""
    values = reply.data.get(ENTITIES) if reply.data is not None else None
    common = _Common(has_data=values is not None)
    if values is None:
        values = [None] * count
    if not isinstance(values, list) or len(values) != count:
        # Nobody knows which entity is whose.
        raise _malformed(name, f"did not answer with the {count} entities that were asked for")
    entities = [Entity(value, common) for value in values]
    for error in reply.errors:
        match error.get("path"):
            case [str(), int(index), *inside] if 0 <= index < count:
                entities[index].errors.append((inside, error))
            case _:
                common.errors.append(error)
    return entities


def put_together(loaded: Sequence[Entity | BaseException], name: SubgraphName) -> SubgraphReply:
    """One caller's reply, of as many batches as it took.

    Where all of them failed, the failure is raised; where some did, it is an error in the reply.
    """
    values: list[Any] = []
    errors: list[dict[str, Any]] = []
    commons: dict[int, _Common] = {}
    failures: dict[int, SubgraphError] = {}
    for index, entity in enumerate(loaded):
        if isinstance(entity, Entity):
            values.append(entity.take())
            commons[id(entity.common)] = entity.common
            for inside, error in entity.errors:
                errors.append({**_copied(error), "path": [ENTITIES, index, *inside]})
        elif isinstance(entity, SubgraphError):
            values.append(None)
            failures[id(entity)] = entity
        else:
            raise entity
    if not commons:
        for failure in failures.values():
            raise SubgraphError(failure.code, failure.message, name) from failure
    errors += [_without_path(error) for common in commons.values() for error in common.errors]
    errors += [
        {"message": failure.message, "extensions": {"code": failure.code.name}}
        for failure in failures.values()
    ]
    if any(common.has_data for common in commons.values()):
        return SubgraphReply({ENTITIES: values}, tuple(errors))
    if not errors:  # only another's entity was told to be at fault
        raise _malformed(name, "has not answered")
    return SubgraphReply(None, tuple(errors))


def _without_path(error: dict[str, Any]) -> dict[str, Any]:
    # Its path is none of the caller's.
    return {key: _copied(value) for key, value in error.items() if key != "path"}


def _copied(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def _malformed(name: SubgraphName, what: str) -> SubgraphError:
    return SubgraphError(codes.SUBGRAPH_MALFORMED_RESPONSE, f'Subgraph "{name}" {what}.', name)
