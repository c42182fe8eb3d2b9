"""The fetches of an answer in parts."""

import asyncio
from collections.abc import Iterable

from supergraph.executor.compiled_parts import CompiledParts, PartSteps
from supergraph.executor.errors import ErrorList
from supergraph.executor.run import Run
from supergraph.executor.steps import Steps
from supergraph.planner.operation import Deferral

__all__ = ["PartFetches"]


class PartFetches:
    """The fetches of all parts, each part in a task of its own.

    There are as many as the planner lets there be (DEFERRALS_MAX).
    """

    def __init__(self, compiled: CompiledParts, run: Run) -> None:
        self._primary = compiled.primary
        self._run = run
        self._fetched: dict[int, asyncio.Event] = {}
        run.note_fetched = self._note
        self._runs = {part.deferral: run.beside() for part in compiled.parts}
        self._tasks = {
            part.deferral: asyncio.create_task(self._run_part(part)) for part in compiled.parts
        }

    async def primary(self) -> None:
        """Run what is answered first."""
        await self._run_steps(self._primary, self._run)

    def is_done(self, deferral: Deferral) -> bool:
        """Whether all of a part's fetches are done; raises what nobody expected of them."""
        task = self._tasks[deferral]
        if task.done():
            task.result()
        return task.done()

    def errors(self, deferral: Deferral) -> ErrorList:
        """What a part's fetches did not bring."""
        return self._runs[deferral].errors

    async def one_is_done(self, deferrals: Iterable[Deferral]) -> None:
        """Wait for one of some parts."""
        tasks = [self._tasks[deferral] for deferral in deferrals]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    async def end(self) -> None:
        """Cancel what is not done."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _run_part(self, part: PartSteps) -> None:
        for id_ in part.depends:
            await self._event(id_).wait()
        await self._run_steps(part.steps, self._runs[part.deferral])

    async def _run_steps(self, steps: Steps, run: Run) -> None:
        try:
            if steps.root is not None:
                await steps.root.run(run)
        finally:
            for id_ in steps.awaited:
                self._note(id_)  # a condition may have left out the fetch itself

    def _event(self, id_: int) -> asyncio.Event:
        return self._fetched.setdefault(id_, asyncio.Event())

    def _note(self, id_: int) -> None:
        self._event(id_).set()
