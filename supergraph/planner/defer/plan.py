"""The plan that answers an operation in parts."""

from collections.abc import Sequence
from dataclasses import replace

from graphql import DocumentNode, OperationDefinitionNode

from supergraph.planner.defer.attach import DeferredTrees
from supergraph.planner.defer.parts import Part, cut
from supergraph.planner.defer.schedule import schedule_parts
from supergraph.planner.fetch.build import build_fetch_graph
from supergraph.planner.fetch.optimize import optimize
from supergraph.planner.normalize.deferrals import DEFERRAL_VARIABLES_MAX, Deferring
from supergraph.planner.normalize.normalize import normalize_operation
from supergraph.planner.operation import Deferral, Field, NormalizedOperation, Selections
from supergraph.planner.plan_nodes import DeferConditionNode, IncrementalNode
from supergraph.planner.variant import Supplied, Variant, plan_at_once
from supergraph.planner.walk.budget import Budget
from supergraph.planner.walk.root import walk_operation

__all__ = ["DeferPlanner"]


class DeferPlanner:
    """Plans one operation of a document."""

    def __init__(
        self,
        document: DocumentNode,
        syntax: OperationDefinitionNode,
        variant: Variant,
        budget: Budget,
    ) -> None:
        self._document = document
        self._syntax = syntax
        self._variant = variant
        self._graph = variant.graph
        self._budget = budget

    def plan(self) -> IncrementalNode | None:
        """The plan in parts; None for an operation that defers nothing."""
        deferring = Deferring()
        operation = self._normalized(deferring)
        if operation.kind == "subscription" or not deferring.count:
            return None
        if deferring.found:
            return self._per_variable(deferring.found[:DEFERRAL_VARIABLES_MAX], ())
        return self._in_parts(operation)

    def _normalized(self, deferring: Deferring) -> NormalizedOperation:
        return normalize_operation(self._document, self._syntax, self._graph, deferring)

    def _per_variable(
        self, undecided: Sequence[str], true: tuple[str, ...]
    ) -> IncrementalNode | None:
        """A plan for each value of the undecided variables; of the others, some are true."""
        if undecided:
            variable, *others = undecided
            return DeferConditionNode(
                variable,
                self._per_variable(others, (*true, variable)),
                self._per_variable(others, true),
            )
        deferring = Deferring(true)
        operation = self._normalized(deferring)
        if deferring.count:
            return self._in_parts(operation)
        return plan_at_once(operation, self._variant, self._budget)

    def _in_parts(self, operation: NormalizedOperation) -> IncrementalNode | None:
        supplied = Supplied(operation, self._variant)
        selections = supplied.selections
        if _has_internal(selections):
            # What is read from a context may be fetched for several parts, and each of them would
            # wait for the others.
            return plan_at_once(operation, self._variant, self._budget)
        trees, fetched = self._trees(operation, selections)
        fetch_graph = build_fetch_graph(
            trees.roots,
            supplied.scopes,
            self._graph,
            supplied.contexts,
            in_order=operation.kind == "mutation",
            deferred=trees.deferred,
        )
        optimize(fetch_graph)
        numbers = {part.deferral: part.number for part in fetched.with_inner()}
        return schedule_parts(fetch_graph, cut(selections), numbers, operation, self._graph)

    def _trees(
        self, operation: NormalizedOperation, selections: Selections
    ) -> tuple[DeferredTrees, Part]:
        """The trees of all parts, and the parts as they are fetched.

        A part that cannot be fetched apart stays, for its fetches, in the part around it. Each
        round leaves fewer parts than the one before (at most DEFERRALS_MAX).
        """
        kept: set[Deferral] = set()
        while True:
            primary = cut(selections, kept)
            walker = self._variant.entries.walker(self._budget)
            wanted = replace(operation, selections=primary.wanted)
            roots = walk_operation(wanted, self._graph, walker)
            trees = DeferredTrees(roots, operation, self._graph, walker)
            failed = {
                part.deferral
                for part in primary.with_inner()
                if part.deferral is not None and not trees.add(part)
            }
            if not failed:
                return trees, primary
            kept |= failed


def _has_internal(selections: Selections) -> bool:
    return any(
        (isinstance(selection, Field) and selection.internal) or _has_internal(selection.selections)
        for selection in selections
    )
