"""The circuit breaker keeps calls away from what fails, and never for good."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from subgraphs.shared.breaker import Breaker, BreakerSettings, BreakerState, Permit

SETTINGS = BreakerSettings(calls_min=4, open_seconds=1.0, open_seconds_max=8.0, probes_max=2)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def admitted(breaker: Breaker) -> Permit:
    permit = breaker.admit()
    assert permit is not None
    return permit


def open_breaker(clock: Clock) -> Breaker:
    breaker = Breaker(SETTINGS, clock)
    for _ in range(SETTINGS.calls_min):
        breaker.fail(admitted(breaker))
    assert breaker.state is BreakerState.OPEN
    return breaker


def test_a_few_failures_do_not_open_it() -> None:
    breaker = Breaker(SETTINGS, Clock())

    for _ in range(SETTINGS.calls_min - 1):
        breaker.fail(admitted(breaker))

    assert breaker.state is BreakerState.CLOSED


def test_failures_below_the_share_do_not_open_it() -> None:
    breaker = Breaker(SETTINGS, Clock())

    for _ in range(50):
        breaker.succeed(admitted(breaker))
        breaker.succeed(admitted(breaker))
        breaker.fail(admitted(breaker))

    assert breaker.state is BreakerState.CLOSED


def test_old_failures_are_forgotten() -> None:
    clock = Clock()
    breaker = Breaker(SETTINGS, clock)
    for _ in range(SETTINGS.calls_min - 1):
        breaker.fail(admitted(breaker))

    clock.now += SETTINGS.window_seconds * 1.2
    breaker.fail(admitted(breaker))

    assert breaker.state is BreakerState.CLOSED


def test_an_open_breaker_says_when_to_come_back() -> None:
    clock = Clock()
    breaker = open_breaker(clock)

    clock.now += 0.25
    assert breaker.admit() is None
    assert breaker.retry_after_seconds() == 0.75


def test_half_open_admits_a_limited_number_of_probes_and_closes_on_success() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    clock.now += SETTINGS.open_seconds

    probes = [admitted(breaker), admitted(breaker)]
    assert breaker.admit() is None
    assert breaker.retry_after_seconds() == SETTINGS.probe_wait_seconds
    for probe in probes:
        breaker.succeed(probe)

    assert breaker.state is BreakerState.CLOSED


def test_a_failed_probe_opens_it_for_twice_as_long_up_to_the_maximum() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    pauses = []
    for _ in range(5):
        pauses.append(breaker.retry_after_seconds())
        clock.now += pauses[-1]
        breaker.fail(admitted(breaker))

    assert pauses == [1.0, 2.0, 4.0, 8.0, 8.0]


def test_a_released_probe_makes_room_for_another() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    clock.now += SETTINGS.open_seconds

    for _ in range(10):
        breaker.release(admitted(breaker))

    assert breaker.admit() is not None


@given(st.lists(st.booleans(), max_size=20))
def test_answers_from_before_it_opened_change_nothing(late: list[bool]) -> None:
    clock = Clock()
    breaker = Breaker(SETTINGS, clock)
    early = [admitted(breaker) for _ in late]
    for _ in range(SETTINGS.calls_min):
        breaker.fail(admitted(breaker))
    clock.now += SETTINGS.open_seconds
    probe = admitted(breaker)

    for permit, is_success in zip(early, late, strict=True):
        (breaker.succeed if is_success else breaker.fail)(permit)

    assert breaker.state is BreakerState.HALF_OPEN
    breaker.succeed(probe)
    breaker.succeed(admitted(breaker))
    assert breaker.state is BreakerState.CLOSED


class Calls(RuleBasedStateMachine):
    """Any order of calls, answers and time."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(SETTINGS, self.clock)
        self.under_way: list[Permit] = []

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def call(self) -> None:
        state = self.breaker.state
        permit = self.breaker.admit()
        if state is BreakerState.CLOSED:
            assert permit is not None
        if state is BreakerState.OPEN:
            assert permit is None
            assert 0 < self.breaker.retry_after_seconds() <= SETTINGS.open_seconds_max
        if permit is not None:
            self.under_way.append(permit)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), end=st.sampled_from(["succeed", "fail", "release"]))
    def answer(self, data: st.DataObject, end: str) -> None:
        permit = data.draw(st.sampled_from(self.under_way))
        self.under_way.remove(permit)
        getattr(self.breaker, end)(permit)

    @invariant()
    def no_more_probes_than_allowed(self) -> None:
        if self.breaker.state is BreakerState.HALF_OPEN and self.under_way:
            newest = max(permit.generation for permit in self.under_way)
            of_newest = [p for p in self.under_way if p.generation == newest]
            if self.breaker._generation == newest:
                assert len(of_newest) <= SETTINGS.probes_max

    def teardown(self) -> None:
        """Whatever happened, once all calls have ended it can close again."""
        for permit in self.under_way:
            self.breaker.release(permit)
        self.clock.now += SETTINGS.open_seconds_max
        for _ in range(SETTINGS.probes_max):
            self.breaker.succeed(admitted(self.breaker))
        assert self.breaker.state is BreakerState.CLOSED


TestCalls = Calls.TestCase
