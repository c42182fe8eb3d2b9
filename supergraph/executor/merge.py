"""Deep merge of a subgraph's answer into the data collected so far."""

from typing import Any

__all__ = ["copy_of", "deep_merge"]


def deep_merge(target: dict[str, Any], source: dict[str, Any]) -> None:
    """Merge `source` into `target`, taking over its containers.

    What is there stays unless it is null: two subgraphs that resolve parts of one object agree on
    everything they both answer, and a null of one must not hide what the other knows. The object's
    `__typename` stays as well, since it comes from a subgraph that knows the concrete type.
    """
    for key, value in source.items():
        existing = target.get(key)
        if existing is None:
            target[key] = value
        elif isinstance(existing, dict) and isinstance(value, dict):
            deep_merge(existing, value)
        elif isinstance(existing, list) and isinstance(value, list):
            _merge_lists(existing, value)


def _merge_lists(target: list[Any], source: list[Any]) -> None:
    if len(target) != len(source):
        return  # the subgraphs disagree; the first answer stands
    for index, value in enumerate(source):
        existing = target[index]
        if existing is None:
            target[index] = value
        elif isinstance(existing, dict) and isinstance(value, dict):
            deep_merge(existing, value)
        elif isinstance(existing, list) and isinstance(value, list):
            _merge_lists(existing, value)


def copy_of(value: Any) -> Any:
    """A copy of a JSON value with containers of its own.

    An entity that stands at two positions needs it: later fetches merge different fields there.
    """
    if isinstance(value, dict):
        return {key: copy_of(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_of(item) for item in value]
    return value
