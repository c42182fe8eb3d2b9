"""Put an answer's values under the keys the client knows."""

from collections.abc import Iterable, Sequence
from typing import Any

from supergraph.executor.flatten import objects_at
from supergraph.names import ResponsePath
from supergraph.planner.plan_nodes import KeyRenamer

__all__ = ["client_path", "rename_keys"]


def rename_keys(answer: dict[str, Any], renamers: Iterable[KeyRenamer]) -> None:
    """Undo the renaming of a request, in place."""
    for renamer in renamers:
        for value, _ in objects_at(answer, renamer.path):
            if renamer.requested in value:
                value[renamer.response_key] = value.pop(renamer.requested)


def client_path(path: Iterable[Any], renamers: Sequence[KeyRenamer]) -> ResponsePath:
    """An error's path with the keys of the client."""
    if not renamers:
        return tuple(path)
    # Requested keys are unique within a request, so the place need not be looked at.
    keys = {renamer.requested: renamer.response_key for renamer in renamers}
    return tuple(keys.get(key, key) for key in path)
