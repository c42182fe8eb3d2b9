"""Pauses between tries: doubled by failures, shared by all that wait, spread by chance."""

from supergraph.traffic.back_off import BackOff


def test_each_failure_doubles_the_pause_up_to_a_maximum() -> None:
    back_off = BackOff(chance=lambda: 0.0)
    now, pauses = 100.0, []
    for _ in range(6):
        assert back_off.failed(began_at=now, now=now + 0.01)
        pauses.append(round(back_off.seconds(now + 0.01), 3))
        now += 0.01 + pauses[-1]

    assert pauses == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]


def test_many_that_fail_together_count_as_one() -> None:
    back_off = BackOff(chance=lambda: 0.0)

    noted = [back_off.failed(began_at=10.0, now=10.1 + number / 1_000) for number in range(100)]

    assert noted == [True] + [False] * 99
    assert repr(back_off) == "<BackOff after 1 failures>"


def test_chance_spreads_those_that_wait() -> None:
    chances = iter([0.0, 0.5, 1.0])
    back_off = BackOff(chance=lambda: next(chances))
    back_off.failed(began_at=10.0, now=10.0)

    assert [back_off.seconds(10.0) for _ in range(3)] == [0.25, 0.5, 0.75]


def test_a_subgraph_that_was_well_for_long_begins_anew() -> None:
    back_off = BackOff(chance=lambda: 0.0)
    for now in (10.0, 11.0, 13.0):
        back_off.failed(began_at=now, now=now)
    back_off.failed(began_at=40.0, now=100.0)

    assert back_off.seconds(100.0) == 0.25


def test_a_stream_that_lived_longer_than_the_pause_counts_for_itself() -> None:
    back_off = BackOff(chance=lambda: 0.0)
    back_off.failed(began_at=5.0, now=10.0)

    assert back_off.failed(began_at=6.0, now=11.0)
