"""Labels of progressive overrides at the gateway: who decides, and that answers do not mix."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from supergraph.config.gateway import GatewayConfig
from supergraph.server.gateway import Gateway
from supergraph.stages.labels import PLAN_VARIANTS_MAX, LabelUse
from supergraph.stages.request import Operation
from supergraph.stages.user_stages import UserStage
from tests.kit.check_execution import GraphSubgraph
from tests.kit.check_plan import compose_supergraph

OLD = """
type Query { product: Product }
type Product @key(fields: "id") { id: ID! price: String name: String size: String }
"""
NEW = """
type Product @key(fields: "id") {
  id: ID!
  price: String @override(from: "old", label: "prices")
  name: String @override(from: "old", label: "percent(10)")
  size: String @override(from: "old", label: "percent(60)")
}
"""
ALL = "{ product { price name size } }"


def gateway(
    config: dict[str, bool | float] | None = None,
    chance: Callable[[], float] = lambda: 0.999,
    stages: Iterable[UserStage] = (),
) -> tuple[Gateway, dict[str, GraphSubgraph]]:
    def values(source: str) -> dict[str, Any]:
        fields = {name: f"{name} of {source}" for name in ("price", "name", "size")}
        return {"__typename": "Product", "id": "1", **fields}

    subgraphs = {
        "old": GraphSubgraph(OLD, {"product": values("old")}, lambda _: values("old")),
        "new": GraphSubgraph(NEW, {}, lambda _: values("new")),
    }
    sdl = compose_supergraph({name: subgraph.sdl for name, subgraph in subgraphs.items()})
    settings = GatewayConfig(override_labels=config or {})
    return Gateway(sdl, subgraphs, settings, chance=chance, stages=stages), subgraphs


async def answer(shop: Gateway, query: str = ALL) -> dict[str, Any]:
    result = await shop.execute(query)
    assert not result.errors
    assert result.data is not None
    product: dict[str, Any] = result.data["product"]
    return product


async def test_labels_that_nobody_decides_are_inactive() -> None:
    shop, subgraphs = gateway()
    async with shop:
        assert await answer(shop) == {
            "price": "price of old",
            "name": "name of old",
            "size": "size of old",
        }
    assert subgraphs["new"].requests == []


async def test_configuration_activates_a_label() -> None:
    shop, _ = gateway({"prices": True, "percent(60)": False}, lambda: 0.0)
    async with shop:
        assert await answer(shop) == {
            "price": "price of new",
            "name": "name of new",
            "size": "size of old",
        }


async def test_percentages_of_one_request_are_decided_by_one_number() -> None:
    numbers = iter([0.05, 0.1, 0.59, 0.6])
    shop, _ = gateway(chance=lambda: next(numbers))
    async with shop:
        answers = [await answer(shop) for _ in range(4)]

    assert [(a["name"], a["size"]) for a in answers] == [
        ("name of new", "size of new"),
        ("name of old", "size of new"),
        ("name of old", "size of new"),
        ("name of old", "size of old"),
    ]


async def test_configuration_gives_a_label_a_percentage() -> None:
    numbers = iter([0.24, 0.25])
    shop, _ = gateway({"prices": 25}, lambda: next(numbers))
    async with shop:
        answers = [await answer(shop, "{ product { price } }") for _ in range(2)]

    assert [a["price"] for a in answers] == ["price of new", "price of old"]


async def test_plans_of_both_states_are_cached_side_by_side() -> None:
    numbers = iter([0.0, 0.9] * 3)
    shop, _ = gateway(chance=lambda: next(numbers))
    async with shop:
        answers = [(await answer(shop, "{ product { name } }"))["name"] for _ in range(6)]
        plans = shop.pipeline.supergraph.plans

        assert answers == ["name of new", "name of old"] * 3
        assert (len(plans), plans.hits) == (2, 4)


async def test_labels_of_other_fields_make_no_plan_of_their_own() -> None:
    numbers = iter([0.0, 0.3, 0.9])
    shop, _ = gateway(chance=lambda: next(numbers))
    async with shop:
        for _ in range(3):
            await answer(shop, "{ product { price } }")

        assert len(shop.pipeline.supergraph.plans) == 1


async def test_stage_of_the_user_switches_labels() -> None:
    async def for_testers(operation: Operation) -> Operation:
        if "x-tester" not in operation.request.headers:
            return operation
        return replace(operation, active_labels=operation.active_labels | {"prices", "unknown"})

    shop, _ = gateway(stages=[for_testers])
    query = "{ product { price } }"
    async with shop:
        tester = await shop.execute(query, headers={"X-Tester": "1"})
        other = await shop.execute(query)

    assert tester.data == {"product": {"price": "price of new"}}
    assert other.data == {"product": {"price": "price of old"}}


async def test_no_number_is_drawn_for_operations_without_labels() -> None:
    def never() -> float:
        raise AssertionError("drawn")

    shop, _ = gateway(chance=never)
    async with shop:
        result = await shop.execute("{ product { id } }")

    assert result.data == {"product": {"id": "1"}}


def test_plans_are_kept_for_a_bounded_number_of_label_sets() -> None:
    use = LabelUse(frozenset("abcdefgh"))
    sets = [frozenset({str(index)}) for index in range(PLAN_VARIANTS_MAX + 1)]

    assert [use.admit(active) for active in sets] == [True] * PLAN_VARIANTS_MAX + [False]
    assert use.admit(sets[0])
