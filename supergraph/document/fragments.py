"""How the fragments of a document spread each other: all used, none within itself, none too deep.

https://spec.graphql.org/September2025/#sec-Validation.Fragments
"""

from collections.abc import Iterable, Mapping

from supergraph.document.doubt import NESTING_MAX, DoubtError
from supergraph.document.selections import Level, Scope

__all__ = ["FRAGMENT_WORK_MAX", "FragmentGraph"]

#: Fragments visited and uses of variables checked over all operations of a document. Operations
#: that share fragments could make it as large as they like; beyond it nothing is certain.
FRAGMENT_WORK_MAX = 50_000


class FragmentGraph:
    """The fragments of one document, already walked; raises `DoubtError` for a wrong graph."""

    def __init__(self, scopes: Mapping[str, Scope]) -> None:
        self._scopes = scopes
        self._depths: dict[str, int] = {}
        self._keys: dict[str, frozenset[str]] = {}
        self._left = FRAGMENT_WORK_MAX

    def check_operation(self, scope: Scope) -> None:
        """Check what an operation spreads: how deep it goes, and that it comes to an end."""
        self._depth(scope, set())

    def check_use(self) -> None:
        """Check that some operation checked before spreads each fragment."""
        if len(self._depths) < len(self._scopes):
            raise DoubtError

    def reached(self, operation: Scope) -> list[Scope]:
        """The operation's own scope and those of all fragments it spreads, at any depth."""
        names: dict[str, None] = dict.fromkeys(operation.spreads)
        pending = list(names)
        while pending:
            for name in self._scopes[pending.pop()].spreads:
                if name not in names:
                    names[name] = None
                    pending.append(name)
        scopes = [operation, *(self._scopes[name] for name in names)]
        self._left -= sum(1 + len(scope.uses) for scope in scopes)
        if self._left < 0:
            raise DoubtError
        return scopes

    def has_distinct_keys(self, level: Level) -> bool:
        """Whether no response key of a level comes from two of its parts.

        Parts are its own fields and each fragment. A fragment is a level by itself.
        """
        count = len(level.keys)
        keys = set(level.keys)
        for name in set(level.spreads):
            spread = self._keys_of(name)
            keys |= spread
            count += len(spread)
        return len(keys) == count

    def _keys_of(self, name: str) -> frozenset[str]:
        keys = self._keys.get(name)
        if keys is None:
            level = self._scopes[name].top
            own = () if level is None else level.keys
            spreads: Iterable[str] = () if level is None else level.spreads
            keys = self._keys[name] = frozenset(own).union(*map(self._keys_of, spreads))
        return keys

    def _depth(self, scope: Scope, inside: set[str]) -> int:
        """The deepest nesting of selection sets, fragments expanded."""
        depth = scope.depth
        for name, nesting in scope.spreads.items():
            own = self._depths.get(name)
            if own is None:
                if name in inside:
                    raise DoubtError
                inside.add(name)
                own = self._depths[name] = self._depth(self._scopes[name], inside)
                inside.remove(name)
            depth = max(depth, nesting + own)
        if depth > NESTING_MAX:
            raise DoubtError
        return depth
