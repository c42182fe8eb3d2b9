"""Records that are made for every request.

A frozen dataclass sets each field by a call, which makes it five times as slow to construct as the
same class unfrozen. `record` leaves the check to the type checker, which reports every assignment.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

__all__ = ["record"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """A dataclass with slots that nobody changes; `dataclasses.replace` makes another."""
    return dataclass(slots=True)(cls)
