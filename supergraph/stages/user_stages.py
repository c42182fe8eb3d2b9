"""Stages of a user's own: `async` functions whose annotations say where they belong.

A stage gets a record and returns the same kind of record, changed or not; it refuses a request by
raising `ClientError`. The type of its first parameter is the place where it runs:

- `async def stage(request: GraphQLRequest) -> GraphQLRequest`: after admission, before the
  document is read. Here headers, variables and the query text may be replaced.
- `async def stage(operation: Operation) -> Operation`: the operation is known and valid and its
  variables are coerced; before planning. Here labels of progressive overrides may be switched, in
  `active_labels`.
- `async def stage(prepared: PreparedOperation) -> PreparedOperation`: planned, about to run.
- `async def stage(prepared: PreparedOperation, result: ExecutionResult) -> ExecutionResult`:
  a result (for a subscription, each event) on its way to the client.

Stages of one place run in the order they are given. They are handed to `Gateway(stages=[...])` or
named in `gateway.yaml` as `stages: ["package.module:function"]`.

>>> async def require_tenant(request: GraphQLRequest) -> GraphQLRequest:
...     if "x-tenant" not in request.headers:
...         raise ClientError(codes.BAD_USER_INPUT, "The header X-Tenant is missing")
...     return request
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, get_type_hints

from supergraph.error_codes import runtime as codes
from supergraph.errors import SupergraphError
from supergraph.executor.execute import ExecutionResult
from supergraph.stages.request import GraphQLRequest, Operation, PreparedOperation

__all__ = ["UserStage", "UserStages", "import_stage"]

UserStage = Callable[..., Awaitable[Any]]

#: What a stage takes and returns, and the place that gives it.
_FORMS: dict[tuple[type, ...], tuple[type, str]] = {
    (GraphQLRequest,): (GraphQLRequest, "on_request"),
    (Operation,): (Operation, "on_operation"),
    (PreparedOperation,): (PreparedOperation, "on_prepared"),
    (PreparedOperation, ExecutionResult): (ExecutionResult, "on_result"),
}


@dataclass(frozen=True, slots=True)
class UserStages:
    """The user's stages, sorted into the places where they run."""

    on_request: tuple[UserStage, ...] = ()
    on_operation: tuple[UserStage, ...] = ()
    on_prepared: tuple[UserStage, ...] = ()
    on_result: tuple[UserStage, ...] = ()

    @classmethod
    def of(cls, functions: Iterable[UserStage]) -> "UserStages":
        """Sort by annotations; raises TypeError for a function of none of the forms."""
        places: dict[str, list[UserStage]] = {}
        for function in functions:
            places.setdefault(_place(function), []).append(function)
        return cls(**{place: tuple(stages) for place, stages in places.items()})


def import_stage(name: str) -> UserStage:
    """The function behind "package.module:function"; raises `SupergraphError`."""
    module_name, _, attribute = name.partition(":")
    try:
        function = getattr(import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        message = f"stage {name!r} cannot be imported: {error}"
        raise SupergraphError(codes.CONFIG_INVALID, message) from error
    if not callable(function):
        raise SupergraphError(codes.CONFIG_INVALID, f"stage {name!r} is not a function")
    stage: UserStage = function
    return stage


def _place(function: UserStage) -> str:
    hints = get_type_hints(function)
    parameters = tuple(hints.get(name) for name in inspect.signature(function).parameters)
    returns, place = _FORMS.get(parameters, (None, ""))  # type: ignore[arg-type] # None fits none
    if not place or hints.get("return") is not returns or not inspect.iscoroutinefunction(function):
        name = getattr(function, "__qualname__", repr(function))
        raise TypeError(
            f"{name} is not a stage: it must be an async function annotated as one of the forms "
            "that supergraph.stages.user_stages describes"
        )
    return place
