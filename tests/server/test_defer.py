"""`@defer` through a gateway, for who takes one answer: known unless it is switched off."""

from supergraph.config.gateway import GatewayConfig, IncrementalDeliveryConfig
from tests.server.shop import development, gateway

QUERY = "{ products { name ... @defer { reviews { text } } } }"


async def test_the_directive_is_unknown_where_it_is_switched_off() -> None:
    config = GatewayConfig(incremental_delivery=IncrementalDeliveryConfig(defer=False))
    async with gateway(config) as opened:
        result = await opened.execute(QUERY)

    assert result.data is None
    assert "@defer" in result.errors[0]["message"]


async def test_all_parts_are_answered_together() -> None:
    async with gateway() as opened:
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
        async with gateway() as opened:
            result = await opened.execute(query)

        assert result.data is None, query
        assert result.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_introspection_tells_which_directives_there_are() -> None:
    query = "{ __schema { directives { name } } }"
    for stream in (True, False):
        offered = IncrementalDeliveryConfig(stream=stream)
        async with gateway(development(incremental_delivery=offered)) as opened:
            result = await opened.execute(query)
        assert result.data is not None
        names = {directive["name"] for directive in result.data["__schema"]["directives"]}
        assert ("defer" in names, "stream" in names) == (True, stream)
