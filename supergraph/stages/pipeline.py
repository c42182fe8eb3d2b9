"""The stages in their order, as the one entry for HTTP, WebSocket and Python callers."""

import random
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from supergraph.config.gateway import GatewayConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, GatewayError
from supergraph.executor.compiled_parts import answers_in_parts
from supergraph.executor.delivery import Delivery
from supergraph.executor.execute import ExecutionResult
from supergraph.stages.document import validate_document
from supergraph.stages.execute import (
    deliver_operation,
    execute_operation,
    execution_policy,
    subscribe_operation,
)
from supergraph.stages.expose_plan import Exposure, exposure_asked
from supergraph.stages.fetch_times import FetchTimes
from supergraph.stages.labels import Chance, LabelDecider
from supergraph.stages.operation import choose_operation
from supergraph.stages.persisted_documents import PersistedDocuments
from supergraph.stages.plan import plan_operation
from supergraph.stages.request import GraphQLRequest, PreparedOperation
from supergraph.stages.respond import encode_result
from supergraph.stages.subscribe import (
    EXPIRED,
    full_policy,
    new_hub,
    reload_failed,
    seconds_of_token,
    sharing_key,
)
from supergraph.stages.supergraph import Supergraph
from supergraph.stages.user_stages import UserStage, UserStages
from supergraph.subscriptions.events import Ended, Published
from supergraph.subscriptions.hub import SubscriptionHub, Watch, Watching

__all__ = ["RequestPipeline"]


class RequestPipeline:
    """Prepares and runs operations on the current supergraph, which may be exchanged at any time.

    `prepare` refuses bad requests by raising `ClientError`; `execute` and `subscribe` report
    failures of subgraphs in their results.
    """

    def __init__(
        self,
        config: GatewayConfig,
        stages: Iterable[UserStage] = (),
        *,
        chance: Chance = random.random,
    ) -> None:
        self.config = config
        self._policy = execution_policy(config)
        self._exposes_plans = config.exposes_query_plans
        self._introspection = config.introspection_enabled
        self._documents = PersistedDocuments(config.persisted_documents)
        self._stages = UserStages.of(stages)
        self._labels = LabelDecider(config.override_labels, chance)
        self._supergraph: Supergraph | None = None
        self.hub: SubscriptionHub = new_hub(config.subscriptions)

    @property
    def supergraph(self) -> Supergraph:
        """The current supergraph; raises `GatewayError` before the first one is there."""
        if self._supergraph is None:
            raise GatewayError(codes.INTERNAL, "no supergraph is loaded: the gateway has to start")
        return self._supergraph

    @property
    def is_in_use(self) -> bool:
        """Whether there is a supergraph."""
        return self._supergraph is not None

    def use(self, supergraph: Supergraph | None) -> Supergraph | None:
        """Prepare with another supergraph from now on; answers the one used so far.

        With None every operation is refused, as before the first supergraph.
        """
        previous, self._supergraph = self._supergraph, supergraph
        return previous

    async def close(self) -> None:
        """Release what the stages hold open."""
        await self._documents.close()

    async def prepare(self, request: GraphQLRequest) -> PreparedOperation:
        """Everything up to the plan."""
        for stage in self._stages.on_request:
            request = await stage(request)
        if self._documents.concerns(request):
            request = await self._documents.resolve(request)
        return await self._prepare_admitted(request)

    async def execute(self, prepared: PreparedOperation) -> ExecutionResult:
        """Answer a query or mutation; or, where a client asks for that only, show its plan."""
        exposure = self._exposure(prepared)
        if exposure is not None and exposure.is_dry_run:
            shown = ExecutionResult(None, extensions=exposure.extensions(prepared.plan))
            return await self._finish(prepared, shown)
        if prepared.kind == "subscription":
            raise ClientError(
                codes.SUBSCRIPTION_TRANSPORT_REQUIRED,
                "A subscription needs a way to carry several answers: a WebSocket with the "
                "subprotocol graphql-transport-ws, or an Accept header with text/event-stream "
                "or multipart/mixed;subscriptionSpec=1.0",
            )
        if prepared.supergraph.is_retired:
            prepared = await self._prepare_admitted(prepared.request)
        if exposure is None:
            result = await execute_operation(prepared, self._policy)
        else:
            times = FetchTimes(prepared.supergraph.transports)
            result = await execute_operation(prepared, self._policy, times)
            result = result.with_extensions(exposure.extensions(prepared.plan, times))
        return await self._finish(prepared, result) if self._stages.on_result else result

    def answers_in_parts(self, prepared: PreparedOperation) -> bool:
        """Whether an operation may be answered by `deliver`.

        Not where a user's stages look at results: they are promised the whole one.
        """
        exposure = self._exposure(prepared)
        if self._stages.on_result or (exposure is not None and exposure.is_dry_run):
            return False
        return answers_in_parts(prepared.plan, prepared.operation.variables)

    async def deliver(self, prepared: PreparedOperation) -> AsyncGenerator[Delivery, None]:
        """Answer a query or mutation in parts; closing the generator ends it at the subgraphs."""
        if prepared.supergraph.is_retired:
            prepared = await self._prepare_admitted(prepared.request)
        exposure = self._exposure(prepared)
        async with aclosing(deliver_operation(prepared, self._policy)) as deliveries:
            async for delivery in deliveries:
                if exposure is not None and delivery.result is not None:
                    shown = exposure.extensions(prepared.plan)
                    yield replace(delivery, result=delivery.result.with_extensions(shown))
                else:
                    yield delivery

    async def subscribe(self, prepared: PreparedOperation) -> AsyncGenerator[ExecutionResult, None]:
        """Yield the results of a subscription; a query or mutation yields its one result."""
        if prepared.kind != "subscription":
            yield await self.execute(prepared)
            return
        if prepared.supergraph.is_retired:
            prepared = await self._prepare_admitted(prepared.request)
        exposure = self._exposure(prepared)
        times = None if exposure is None else FetchTimes(prepared.supergraph.transports)
        async with aclosing(subscribe_operation(prepared, self._policy, times)) as results:
            async for result in results:
                shown = result
                if exposure is not None and times is not None:
                    shown = result.with_extensions(exposure.extensions(prepared.plan, times))
                    exposure = exposure.of_times_only()
                yield await self._finish(prepared, shown)

    def watch(self, prepared: PreparedOperation) -> Watching:
        """Watch a subscription, together with other clients where they may share it.

        Raises `ClientError` when there are as many as there may be.
        """
        config = self.config.subscriptions
        if self.hub.is_full:
            raise ClientError(
                codes.SUBSCRIPTION_MAX_LIMIT, f"Over {config.clients} live subscriptions"
            )
        return self.hub.watch(self._watch(prepared))

    def _watch(self, prepared: PreparedOperation) -> Watch:
        config, request = self.config.subscriptions, prepared.request
        key = None
        if config.share and not self._stages.on_result and self._exposure(prepared) is None:
            key = sharing_key(prepared, self._policy)
        ends = config.end_with_token
        seconds = seconds_of_token(request.headers, time.time()) if ends else None

        async def renew() -> Watch | Ended:
            try:
                return self._watch(await self._prepare_admitted(request))
            except Exception as error:  # noqa: BLE001 # a user's stage may raise anything
                return reload_failed(error)

        source = partial(self._published, prepared)  # opened when somebody watches
        return Watch(key, source, renew, seconds, EXPIRED, full_policy(prepared))

    def _exposure(self, prepared: PreparedOperation) -> Exposure | None:
        return exposure_asked(prepared.request.headers) if self._exposes_plans else None

    async def _published(self, prepared: PreparedOperation) -> AsyncGenerator[Published, None]:
        async with aclosing(self.subscribe(prepared)) as results:
            async for result in results:
                yield Published(encode_result(result), result.event_id)

    async def _prepare_admitted(self, request: GraphQLRequest) -> PreparedOperation:
        """Prepare what was admitted; again when its supergraph was retired meanwhile."""
        supergraph = self.supergraph
        document = validate_document(
            request,
            supergraph,
            self.config.limits,
            introspection=self._introspection,
        )
        operation = choose_operation(
            request, document, supergraph.api_schema, introspection=self._introspection
        )
        operation = self._labels.decide(operation, supergraph)
        for stage in self._stages.on_operation:
            operation = await stage(operation)
        prepared = plan_operation(operation, supergraph)
        for stage in self._stages.on_prepared:
            prepared = await stage(prepared)
        return prepared

    async def _finish(
        self, prepared: PreparedOperation, result: ExecutionResult
    ) -> ExecutionResult:
        for stage in self._stages.on_result:
            result = await stage(prepared, result)
        return result
