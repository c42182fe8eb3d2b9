"""Cut an operation with deferred fragments into its parts.

The primary part is what is left without them. A deferred part asks for what no part around it asks
for already: that is fetched with those. Where a part was cut off, `ANCHOR` stays: whatever else is
left there, its object is then one that the part around it fetches.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from supergraph.planner.operation import (
    NO_CONDITIONS,
    Deferral,
    Field,
    Fragment,
    Selection,
    Selections,
)

__all__ = ["ANCHOR", "Part", "cut"]

#: Stands for the parts that were cut off a selection set; every object answers it.
ANCHOR = Field("__typename", "__typename")


@dataclass(slots=True, eq=False)
class Part:
    """A part of the operation; number 0 is the primary one, the others are deferred.

    It stands in the part `around` it, at the response keys `keys`; `path` has the type conditions
    of fragments too. `selections` is what the client selects in it, `wanted` is what of that has to
    be fetched for it: both hold for the object at the keys.
    """

    number: int
    deferral: Deferral | None = None
    around: "Part | None" = None
    keys: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    selections: Selections = ()
    wanted: Selections = ()
    inner: list["Part"] = field(default_factory=list)

    def with_inner(self) -> Iterable["Part"]:
        """The part and all inside it, the outer before the inner."""
        yield self
        for part in self.inner:
            yield from part.with_inner()


def cut(selections: Selections, kept: Collection[Deferral] = ()) -> Part:
    """The primary part, with the others in it. Deferrals to be `kept` stay where they are."""
    cutter = _Cutter(kept)
    primary = Part(0)
    primary.selections = cutter.without_deferred(selections, _Place(primary))
    for part in primary.with_inner():
        part.wanted = _wanted(part)
    return primary


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the cutter stands; `fragments` are those around it since the last field."""

    part: Part
    keys: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    fragments: tuple[Fragment, ...] = ()


class _Cutter:
    def __init__(self, kept: Collection[Deferral]) -> None:
        self._kept = kept
        self._count = 0

    def without_deferred(self, selections: Selections, place: _Place) -> Selections:
        left: list[Selection] = []
        for selection in selections:
            if isinstance(selection, Field):
                left.append(self._field(selection, place))
            elif selection.deferral is None or selection.deferral in self._kept:
                left.append(self._fragment(selection, place))
            else:
                self._cut_off(selection, selection.deferral, place)
                if ANCHOR not in left:
                    left.append(ANCHOR)
        return tuple(left)

    def _field(self, field: Field, place: _Place) -> Field:
        if not field.selections:
            return field
        key = field.response_key
        inner = _Place(place.part, (*place.keys, key), (*place.path, key))
        return replace(field, selections=self.without_deferred(field.selections, inner))

    def _fragment(self, fragment: Fragment, place: _Place) -> Fragment:
        inner = replace(
            place,
            path=(*place.path, f"... on {fragment.type_condition}"),
            fragments=(*place.fragments, fragment),
        )
        selections = self.without_deferred(fragment.selections, inner)
        return replace(fragment, selections=selections, deferral=None)

    def _cut_off(self, fragment: Fragment, deferral: Deferral, place: _Place) -> None:
        self._count += 1
        part = Part(self._count, deferral, place.part, place.keys, place.path)
        place.part.inner.append(part)
        inner = _Place(part, place.keys, place.path)
        selections = self.without_deferred(fragment.selections, inner)
        for around in reversed((*place.fragments, fragment)):
            if around is not fragment or deferral.narrows or around.conditions:
                narrowed = Fragment(around.type_condition, selections, around.conditions)
                selections = (narrowed,)
        part.selections = selections


def _wanted(part: Part) -> Selections:
    """What no part around it asks for at its place."""
    wanted = part.selections
    around = part.around
    if around is None:
        return wanted
    while around is not None:
        wanted = _less(wanted, _at(around.selections, part.keys[len(around.keys) :]))
        around = around.around
    return wanted


def _at(selections: Selections, keys: tuple[str, ...]) -> Selections:
    """What is selected for certain at a place: behind no condition, for objects of any type."""
    for key in keys:
        selections = tuple(
            inner
            for selection in selections
            if _is_certain(selection, key) and isinstance(selection, Field)
            for inner in selection.selections
        )
    return selections


def _is_certain(selection: Selection, key: str) -> bool:
    return (
        isinstance(selection, Field) and selection.response_key == key and not selection.conditions
    )


def _less(wanted: Selections, known: Selections) -> Selections:
    left: list[Selection] = []
    for selection in wanted:
        if isinstance(selection, Field):
            left += _field_less(selection, known)
            continue
        inside = tuple(
            inner
            for other in known
            if isinstance(other, Fragment)
            and other.type_condition == selection.type_condition
            and other.conditions in {NO_CONDITIONS, selection.conditions}
            for inner in other.selections
        )
        inner = _less(selection.selections, known + inside)
        if inner:
            left.append(replace(selection, selections=inner))
    return tuple(left)


def _field_less(field: Field, known: Selections) -> Iterable[Field]:
    if field is ANCHOR:
        yield field
        return
    if field.name == "__typename":
        return  # comes with the object
    same = [other for other in known if _is_certain(other, field.response_key)]
    if not same:
        yield field
    elif field.selections:
        inner = _less(field.selections, _at(known, (field.response_key,)))
        if inner:
            yield replace(field, selections=inner)
