"""`@defer` through a gateway: unknown unless it is switched on, and then answered at once."""

from supergraph.config.gateway import GatewayConfig, IncrementalDeliveryConfig
from tests.server.shop import gateway

QUERY = "{ products { name ... @defer { reviews { text } } } }"
DEFERRING = GatewayConfig(incremental_delivery=IncrementalDeliveryConfig(defer=True))


async def test_the_directive_is_unknown_by_default() -> None:
    async with gateway() as opened:
        result = await opened.execute(QUERY)

    assert result.data is None
    assert "@defer" in result.errors[0]["message"]


async def test_all_parts_are_answered_together() -> None:
    async with gateway(DEFERRING) as opened:
        deferred = await opened.execute(QUERY)
        at_once = await opened.execute("{ products { name reviews { text } } }")

    assert deferred.errors == []
    assert deferred.data == at_once.data


async def test_the_rules_of_the_directive_hold() -> None:
    for query in (
        'mutation { ... @defer { rename(id: "1", name: "x") { name } } }',
        "{ products @defer { name } }",
        '{ products { ... @defer(label: "a") { id } ... @defer(label: "a") { name } } }',
        "{ products { ... @defer(until: 5) { id } } }",
    ):
        async with gateway(DEFERRING) as opened:
            result = await opened.execute(query)

        assert result.data is None, query
        assert result.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
