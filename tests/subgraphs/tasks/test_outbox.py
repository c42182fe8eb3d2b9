"""What a worker has in hand: never sent too fast, and handed back when the account must rest."""

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.tasks.channels.port import (
    Accepted,
    AccountUnusable,
    OutgoingMessage,
    SendOutcome,
    Throttled,
)
from subgraphs.tasks.settings import WorkerSettings
from subgraphs.tasks.states import Channel
from subgraphs.tasks.worker.claim import ClaimedDelivery
from subgraphs.tasks.worker.outbox import Outbox
from subgraphs.tasks.worker.results import NOT_SENT
from subgraphs.tasks.worker.send_window import SendWindow
from tests.subgraphs.tasks.conftest import wait_until
from tests.subgraphs.tasks.simulator_kit import telegram_message

PACE = {Channel.TELEGRAM: 20.0, Channel.WHATSAPP: 20.0}


class Recorder:
    """A channel that answers at once."""

    def __init__(self, *outcomes: SendOutcome) -> None:
        self.outcomes = list(outcomes)
        self.moments: list[float] = []

    async def send(self, message: OutgoingMessage) -> SendOutcome:
        self.moments.append(time.monotonic())
        return self.outcomes.pop(0) if self.outcomes else Accepted(message.delivery_id)


def claimed(number: int, due_in: float = 0.0, account_id: str = "acc_bot") -> ClaimedDelivery:
    message = telegram_message(number, account_id=account_id)
    now = time.time()
    return ClaimedDelivery("cmp", f"cnt_{number}", message, now + due_in, now + 60)


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(first <= m < first + 1.0 for m in moments) for first in moments)


async def test_what_a_stall_has_delayed_is_not_sent_at_once() -> None:
    channel = Recorder()
    outbox = Outbox(channel, WorkerSettings(messages_per_second=PACE))
    outbox.add([claimed(n, due_in=-1.0) for n in range(45)])

    async def is_sent() -> bool:
        return len(channel.moments) == 45

    await wait_until(is_sent)
    # The window is counted where messages begin; a task more or less may start a little later.
    assert most_in_a_second(channel.moments) <= 21


@given(st.lists(st.floats(0.0, 0.2), max_size=200))
def test_no_second_has_more_than_the_pace(steps: list[float]) -> None:
    window, now, begun = SendWindow({Channel.TELEGRAM: 7.5}), 100.0, []
    for step in steps:
        now += step
        while (wait := window.wait_seconds("acc", Channel.TELEGRAM, now)) > 0:
            now += max(wait, 1e-6)
        begun.append(now)
        assert sum(moment > now - 1.0 for moment in begun) <= 7


async def test_an_account_that_must_rest_gives_back_what_waits_and_others_go_on() -> None:
    channel = Recorder(Throttled(60.0))
    outbox = Outbox(channel, WorkerSettings(messages_per_second=PACE))
    outbox.add([claimed(1), claimed(2, 0.1), claimed(3, 0.2), claimed(4, 0.2, "acc_other")])

    async def has_all() -> bool:
        return len(outbox._results) == 4

    await wait_until(has_all)
    results = {r.claimed.message.delivery_id: r.outcome for r in outbox.take_results()}
    assert results["dlv_1"] == Throttled(60.0)
    assert results["dlv_2"] is results["dlv_3"] is NOT_SENT
    assert isinstance(results["dlv_4"], Accepted)
    # What is claimed before the account's row says so is not sent either.
    outbox.add([claimed(5)])
    await wait_until(lambda: has_results(outbox))
    assert outbox.take_results()[0].outcome is NOT_SENT
    assert len(channel.moments) == 2


async def test_an_unusable_account_sends_no_second_message() -> None:
    channel = Recorder(AccountUnusable("BANNED"))
    outbox = Outbox(channel, WorkerSettings(messages_per_second=PACE))
    outbox.add([claimed(1), claimed(2, 0.1)])
    await asyncio.sleep(0)

    async def has_both() -> bool:
        return len(outbox._results) == 2

    await wait_until(has_both)
    assert len(channel.moments) == 1


async def has_results(outbox: Outbox) -> bool:
    return bool(outbox._results)
