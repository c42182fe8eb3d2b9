"""Run a fetch of root fields."""

from supergraph.errors import SubgraphError
from supergraph.executor.flatten import objects_at, targets_at
from supergraph.executor.merge import copy_of, deep_merge
from supergraph.executor.rewrites import client_path, rename_keys
from supergraph.executor.run import Run
from supergraph.planner.plan_nodes import FetchNode
from supergraph.traffic.transport import SubgraphReply

__all__ = ["RootFetch"]


class RootFetch:
    """One request for root fields; their values belong to every object at the fetch's path."""

    def __init__(self, fetch: FetchNode) -> None:
        self.fetch = fetch

    async def run(self, run: Run) -> None:
        """Ask, unless there is no object at the path, and merge the answer."""
        fetch = self.fetch
        if fetch.path and not targets_at(run.data, fetch.path):
            return
        try:
            reply = await run.transport(fetch).execute(run.request(fetch, {}))
        except SubgraphError as error:
            run.errors.add_failure(error, ())
            return
        self.take(run, reply)

    def take(self, run: Run, reply: SubgraphReply) -> None:
        """Merge an answer."""
        fetch = self.fetch
        if reply.data is not None and fetch.output_rewrites:
            rename_keys(reply.data, fetch.output_rewrites)
        if not fetch.path and not reply.errors:
            if reply.data is not None:
                deep_merge(run.data, reply.data)
            return
        targets = list(objects_at(run.data, fetch.path))
        for target, position in targets:
            if reply.data is not None:
                deep_merge(target, reply.data if len(targets) == 1 else copy_of(reply.data))
            for error in reply.errors:
                path = client_path(error.get("path") or (), fetch.output_rewrites)
                run.errors.add_from_subgraph(error, fetch.service_name, (*position, *path))
