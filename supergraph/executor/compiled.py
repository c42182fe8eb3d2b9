"""What the executor derives from a plan once and keeps as long as the plan lives."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from supergraph.executor.codegen.projection import (
    FastProjection,
    UnusualError,
    generate_projection,
)
from supergraph.executor.introspection import introspect, introspection_document
from supergraph.executor.projection import compile_projection
from supergraph.executor.result import ExecutionResult
from supergraph.executor.run import Run
from supergraph.executor.steps import Steps
from supergraph.planner.plan_nodes import QueryPlan

__all__ = ["GENERATE_AT_USE", "CompiledPlan", "compiled_plan"]

#: Code is generated when a plan is used for the second time: many documents are sent only once,
#: and generating costs as much as some ten runs.
GENERATE_AT_USE = 2


class CompiledPlan:
    """The runnable steps of a plan, and the projection of what they collect.

    It never holds the plan itself, which it would keep alive: it lives as long as its plan does.
    """

    def __init__(self, plan: QueryPlan) -> None:
        operation = plan.operation
        self.steps = Steps(plan.node)
        self._operation = operation
        self._schema = plan.api_schema
        self._projection = compile_projection(
            plan.api_schema, operation.root_type, operation.selections
        )
        self._fast_projection: FastProjection | None = None
        self._introspection = introspection_document(plan)
        self._uses = 0

    def count_use(self) -> None:
        """Note that the plan is run; generates its code when that has come to pay."""
        self._uses += 1
        if self._uses == GENERATE_AT_USE:
            self.generate()

    def generate(self) -> None:
        """Generate the plan's code; once is enough."""
        self.steps.generate()
        self._fast_projection = generate_projection(
            self._schema, self._operation.root_type, self._operation.selections
        )

    def complete(self, run: Run, variables: Mapping[str, Any]) -> ExecutionResult:
        """The response to what a run has collected."""
        data = run.data
        if self._introspection is not None:
            data.update(introspect(self._schema, self._introspection, variables))
        if self._fast_projection is not None:
            try:
                shaped = self._fast_projection(data, variables)
                return ExecutionResult(None, run.errors.errors, shaped=shaped)
            except UnusualError:
                pass  # The general way finds what is wrong, and says so in the errors.
        return ExecutionResult(
            self._projection.project(data, variables, run.errors), run.errors.errors
        )


# Bounded by the plan cache: an entry goes with its plan.
_COMPILED: WeakKeyDictionary[QueryPlan, CompiledPlan] = WeakKeyDictionary()


def compiled_plan(plan: QueryPlan) -> CompiledPlan:
    """The compiled form of a plan, made on first use."""
    compiled = _COMPILED.get(plan)
    if compiled is None:
        compiled = _COMPILED[plan] = CompiledPlan(plan)
    return compiled
