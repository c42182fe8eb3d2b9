"""Put the trees of deferred parts where the parts stand.

A part stands at an object that the part around it fetches. Its tree hangs there as a branch, at
every place in the trees where such objects come from.
"""

from collections.abc import Iterable
from dataclasses import replace

from supergraph.planner.defer.parts import Part
from supergraph.planner.defer.walk import solve_deferred
from supergraph.planner.operation import NormalizedOperation
from supergraph.planner.query_tree import DeferredBranch, QueryTree
from supergraph.planner.walk.root import walk_operation
from supergraph.planner.walk.walk import Walker
from supergraph.query_graph.graph import QueryGraph

__all__ = ["DeferredTrees"]


class _OutOfReachError(Exception):
    """At some place no fetch of its own brings all that a part wants."""


class DeferredTrees:
    """The trees of an operation's parts.

    `roots` are those of the primary part, `deferred` the root trees of deferred parts.
    """

    def __init__(
        self,
        roots: list[QueryTree],
        operation: NormalizedOperation,
        graph: QueryGraph,
        walker: Walker,
    ) -> None:
        self.roots = roots
        self.deferred: list[DeferredBranch] = []
        self._operation = operation
        self._graph = graph
        self._walker = walker

    def add(self, part: Part) -> bool:
        """Attach a part, after those around it.

        False, and nothing is changed, where it cannot be fetched apart from them.
        """
        if part.around is None or not part.wanted:
            return True
        if not part.keys:
            return self._add_root(part)
        try:
            return self._attach(part, part.around)
        except _OutOfReachError:
            return False

    def _add_root(self, part: Part) -> bool:
        if self._operation.kind != "query":
            return False
        operation = replace(self._operation, selections=part.wanted)
        trees = walk_operation(operation, self._graph, self._walker)
        self.deferred += [DeferredBranch(part.number, tree) for tree in trees]
        return True

    def _attach(self, part: Part, owner: Part) -> bool:
        """Attach a part where its owner fetches the object; False where it does not."""
        attachment = _Attachment(self._walker, part, owner)
        is_primary = owner.number == 0
        roots = [attachment.on(tree, part.keys, inside=is_primary) for tree in self.roots]
        deferred = [
            branch._replace(
                tree=attachment.on(branch.tree, part.keys, inside=branch.part == owner.number),
            )
            for branch in self.deferred
        ]
        self.roots, self.deferred = roots, deferred
        return attachment.is_done


class _Attachment:
    """Looks for a part's place in the trees of its owner."""

    def __init__(self, walker: Walker, part: Part, owner: Part) -> None:
        self._walker = walker
        self._part = part
        self._owner = owner.number
        self._lineage = set(_numbers(owner))
        self.is_done = False

    def on(self, tree: QueryTree, keys: tuple[str, ...], *, inside: bool) -> QueryTree:
        """The tree with the part attached at the keys; `inside` the owner's own trees only."""
        if not keys and inside:
            return self._attached(tree)
        fields = tree.fields
        if keys:
            fields = tuple(
                branch._replace(tree=self.on(branch.tree, keys[1:], inside=inside))
                if branch.tree is not None and branch.field.response_key == keys[0]
                else branch
                for branch in tree.fields
            )
        return tree._replace(
            fields=fields,
            fragments=tuple(
                branch._replace(tree=self.on(branch.tree, keys, inside=inside))
                for branch in tree.fragments
            ),
            moves=tuple(
                move._replace(tree=self.on(move.tree, keys, inside=inside)) for move in tree.moves
            ),
            deferred=tuple(self._on_deferred(branch, keys, inside) for branch in tree.deferred),
        )

    def _on_deferred(
        self, branch: DeferredBranch, keys: tuple[str, ...], inside: bool
    ) -> DeferredBranch:
        if branch.part not in self._lineage:
            return branch
        inside = inside or branch.part == self._owner
        return branch._replace(tree=self.on(branch.tree, keys, inside=inside))

    def _attached(self, tree: QueryTree) -> QueryTree:
        solution = solve_deferred(self._walker, tree.node, self._part.wanted)
        if solution.rest:
            raise _OutOfReachError
        self.is_done = True
        return tree._replace(
            deferred=(*tree.deferred, DeferredBranch(self._part.number, solution.tree))
        )


def _numbers(part: Part | None) -> Iterable[int]:
    while part is not None:
        yield part.number
        part = part.around
