"""Sagas end as a whole: complete or undone, wherever their runner dies."""

import asyncio

import pytest

from subgraphs.shared.saga import SagaSettings, SagaState
from tests.subgraphs.shared.saga.order import FAST, LINES, Shop

REFUSALS = {
    "lines": ("NO_LINES", "There is nothing in it."),
    "money": ("NO_MONEY", "There is no money."),
    "stock": ("NO_STOCK", "There is no stock."),
    "send": ("NO_POST", "The post is on strike."),
}
FORWARD = ["write-lines", "take-money", "take-stock", "send"]


class CrashError(BaseException):
    """The process is gone: nothing that handles errors may handle this one."""


async def points_of(shop: Shop, order_id: str) -> list[str]:
    """Everything that happens in a saga from its beginning to its end."""
    points: list[str] = []
    saga_id = await shop.order(order_id)
    await shop.runner(lambda _saga, point: points.append(point)).run_until_idle()
    assert (await shop.saga(saga_id)).finished_at is not None
    return points


async def crash_at(shop: Shop, order_id: str, number: int) -> str:
    """Run a saga until a point, die there, and let another runner take over."""
    passed = 0

    def watch(_saga: str, _point: str) -> None:
        nonlocal passed
        passed += 1
        if passed == number + 1:
            raise CrashError

    saga_id = await shop.order(order_id)
    with pytest.raises(CrashError):
        await shop.runner(watch).run_until_idle()
    await shop.let_wait_no_longer()
    await shop.runner().run_until_idle()
    return saga_id


async def test_all_steps_are_done_in_their_order(shop: Shop) -> None:
    points = await points_of(shop, "one")

    assert await shop.outcome("order-one") == ("SENT", {"money", "stock"})
    assert (await shop.saga("order-one")).state is SagaState.COMPLETED
    assert list(await shop.steps("order-one")) == FORWARD
    assert points == [
        *["write-lines:begun", "write-lines:done"] * LINES,
        *["take-money:begun", "take-money:acted", "take-money:done"],
        *["take-stock:begun", "take-stock:acted", "take-stock:done"],
        *["send:begun", "send:done", "completed"],
    ]


@pytest.mark.parametrize("refused", REFUSALS)
async def test_a_refusal_undoes_what_was_done(shop: Shop, refused: str) -> None:
    shop.refuses = frozenset({refused})
    await points_of(shop, "one")

    saga = await shop.saga("order-one")
    code, message = REFUSALS[refused]
    assert (saga.state, saga.reason_code, saga.reason) == (SagaState.COMPENSATED, code, message)
    assert (await shop.outcome("order-one"))[1] == set()
    # The first step's own refusal had no effect, so there is nothing to take back.
    assert (await shop.outcome("order-one"))[0] == ("NEW" if refused == "lines" else code)


@pytest.mark.parametrize(
    "refused",
    # What a refused "send" undoes is everything that is ever undone.
    [None, "send", *(pytest.param(name, marks=pytest.mark.long) for name in ("money", "stock"))],
)
async def test_a_crash_at_any_point_costs_nothing(shop: Shop, refused: str | None) -> None:
    shop.refuses = frozenset({refused} if refused else ())
    count = len(await points_of(shop, "whole"))
    expected = await shop.outcome("order-whole")
    state = (await shop.saga("order-whole")).state
    assert count > 1

    for number in range(count):
        saga_id = await crash_at(shop, f"order{number}", number)
        assert await shop.outcome(saga_id) == expected
        assert (await shop.saga(saga_id)).state is state


async def test_a_failure_is_tried_again(shop: Shop) -> None:
    shop.fails = {"money": 3, "lines": 2}
    await points_of(shop, "one")

    assert await shop.outcome("order-one") == ("SENT", {"money", "stock"})


async def test_undoing_is_never_given_up(shop: Shop) -> None:
    shop.refuses = frozenset({"send"})
    shop.fails = {"back-money": FAST.failures_max * 3}
    await points_of(shop, "one")

    assert await shop.outcome("order-one") == ("NO_POST", set())


async def test_a_step_that_fails_for_ever_is_given_up_and_undone(shop: Shop) -> None:
    shop.fails = {"stock": FAST.failures_max}
    await points_of(shop, "one")

    saga = await shop.saga("order-one")
    assert (saga.state, saga.reason_code) == (SagaState.COMPENSATED, "STEP_FAILED")
    assert await shop.outcome("order-one") == ("STEP_FAILED", set())
    assert (await shop.steps("order-one"))["take-stock"] == "UNDONE"


async def test_a_saga_that_waits_holds_up_no_other(shop: Shop) -> None:
    shop.fails = {"money": 1}
    slow = SagaSettings(retry_seconds_min=3600.0, retry_seconds_max=3600.0)
    waiting = await shop.order("waiting")
    await shop.runner(settings=slow).run_until_idle()
    other = await shop.order("other")
    await shop.runner(settings=slow).run_until_idle()

    assert (await shop.saga(waiting)).state is SagaState.RUNNING
    assert (await shop.steps(waiting)) == {"write-lines": "DONE", "take-money": "BEGUN"}
    assert (await shop.saga(other)).state is SagaState.COMPLETED


async def test_who_stood_still_for_too_long_changes_nothing(shop: Shop) -> None:
    """Its lease ends while it asks a service; another runner goes on meanwhile."""
    saga_id = await shop.order("one")
    other = shop.runner()
    passed: list[str] = []

    async def stand_still(what: str) -> None:
        shop.given = None
        await other.run_until_idle()

    shop.given = stand_still
    await shop.runner(lambda _saga, point: passed.append(point)).run_until_idle()

    assert passed[-1] == "take-money:acted"
    assert (await shop.saga(saga_id)).state is SagaState.COMPLETED
    assert await shop.outcome(saga_id) == ("SENT", {"money", "stock"})


async def test_two_runners_share_the_work(shop: Shop) -> None:
    ids = [await shop.order(f"order{number}") for number in range(20)]
    done: list[str] = []
    all_done = asyncio.Event()

    def watch(saga: str, point: str) -> None:
        if point == "completed":
            done.append(saga)
            if len(done) == len(ids):
                all_done.set()

    settings = SagaSettings(concurrency=3)
    first, second = shop.runner(watch, settings), shop.runner(watch, settings)
    async with asyncio.timeout(60), first.running(), second.running():
        await all_done.wait()

    assert sorted(done) == sorted(ids)
    for saga_id in ids:
        assert await shop.outcome(saga_id) == ("SENT", {"money", "stock"})


async def test_a_runner_that_is_woken_looks_at_once(shop: Shop) -> None:
    ended = asyncio.Event()
    runner = shop.runner(
        lambda _saga, point: ended.set() if point == "completed" else None,
        SagaSettings(poll_seconds=3600.0),
    )
    async with asyncio.timeout(30), runner.running():
        await asyncio.sleep(0)
        await shop.order("one")
        runner.wake()
        await ended.wait()


async def test_a_saga_begins_with_the_change_that_asks_for_it(shop: Shop) -> None:
    async def begin_and_die() -> None:
        async with shop.own.writing() as session:
            await shop.begin(session, "one")
            raise CrashError

    with pytest.raises(CrashError):
        await begin_and_die()
    await shop.runner().run_until_idle()
    assert await shop.count() == 0
