"""Response keys taken at each place of a response.

All fetches of a plan merge into one response tree, and the fields the planner adds by itself (keys
and `@requires` inputs) stand beside those the client asked for. Where the client gave a field's
name to another field as an alias, the planner's own field gets a name that is free there.
"""

from typing import TypeAlias

from supergraph.planner.operation import Field, Selections

__all__ = ["Scope", "ScopeTable"]

#: A place in the response: response keys from the root, list items not distinguished.
Scope: TypeAlias = tuple[str, ...]
_Call: TypeAlias = tuple[str, str]  # a field's name and its arguments' signature


class ScopeTable:
    """Which call owns which response key, by place."""

    def __init__(self, selections: Selections) -> None:
        self._calls: dict[Scope, dict[str, set[_Call]]] = {}
        self._record((), selections)

    def _record(self, scope: Scope, selections: Selections) -> None:
        taken = self._calls.setdefault(scope, {})
        for selection in selections:
            if isinstance(selection, Field):
                call = (selection.name, selection.signature)
                taken.setdefault(selection.response_key, set()).add(call)
                self._record((*scope, selection.response_key), selection.selections)
            else:
                self._record(scope, selection.selections)

    def internal_key(self, scope: Scope, field: Field) -> str:
        """The response key under which the planner asks for a field of its own.

        The same call at the same place always gets the same key, and it shares the client's where
        that means the same call.
        """
        taken = self._calls.setdefault(scope, {})
        call = (field.name, field.signature)
        candidate = field.name
        attempt = 0
        while taken.get(candidate, {call}) != {call}:
            candidate = f"_{field.name}_{attempt}"
            attempt += 1
        taken[candidate] = {call}
        return candidate
