"""Sagas: work over several services that is done as a whole or undone as a whole.

Theory of operation. A saga is a row; its steps are rows beside it. It is begun in the transaction
of whatever asks for it, and a runner in any worker carries it on: one step at a time, forward
until it is complete, or, once a step was refused, backward until everything that was begun is
undone. Before a step acts, it is recorded that it may have; afterwards, what it gave. A process
that dies in between leaves a row that says so, and the next runner does the step again. So a step
has to be idempotent by the saga's id, and a refusal has to mean that nothing was done.

Why an engine of our own: a step that changes our own tables commits together with the record of
it, in the service's own database, whichever that is; any worker takes over from one that died,
whatever version of the code it runs; and there may be several in one process. The durable
workflow library that we tried (dbos) keeps its own database on SQLite or PostgreSQL only,
recovers what the same executor with the same code version left unless a service from its makers
is connected, and exists once per process.
"""

from subgraphs.shared.saga.carrier import SagaSettings
from subgraphs.shared.saga.journal import Journal
from subgraphs.shared.saga.records import (
    SagaRecord,
    SagaState,
    SagaStepRecord,
    SagaTables,
    StepState,
)
from subgraphs.shared.saga.runner import SagaRunner
from subgraphs.shared.saga.steps import (
    Done,
    LocalStep,
    NotYet,
    RefusedError,
    RemoteStep,
    Saga,
    SagaKind,
    StepOutcome,
)

__all__ = [
    "Done",
    "Journal",
    "LocalStep",
    "NotYet",
    "RefusedError",
    "RemoteStep",
    "Saga",
    "SagaKind",
    "SagaRecord",
    "SagaRunner",
    "SagaSettings",
    "SagaState",
    "SagaStepRecord",
    "SagaTables",
    "StepOutcome",
    "StepState",
]
