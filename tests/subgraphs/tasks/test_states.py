"""The state table, and the arithmetic of progress."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.tasks.progress import TaskSnapshot, counter_changes
from subgraphs.tasks.states import (
    TERMINAL_STATES,
    TRANSITIONS,
    Action,
    DeliveryState,
    TaskState,
    next_state,
)
from subgraphs.tasks.template_text import placeholders, render, unknown_placeholders

DEFINITE = [s for s in DeliveryState if s not in {DeliveryState.QUEUED, DeliveryState.SENDING}]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def snapshot(**numbers: Any) -> TaskSnapshot:
    return TaskSnapshot(
        **{
            "id": "cmp_1",
            "organization_id": "org_1",
            "owner_id": "usr_1",
            "state": TaskState.RUNNING,
            "sequence": 1,
            "started_at": NOW - timedelta(seconds=10),
            "finished_at": None,
        }
        | numbers
    )


def test_no_step_leads_out_of_a_terminal_state() -> None:
    assert not [state for state, _ in TRANSITIONS if state in TERMINAL_STATES]


def test_every_other_state_can_be_cancelled() -> None:
    assert {s for s in TaskState if next_state(s, Action.CANCEL)} == set(
        TaskState
    ) - TERMINAL_STATES


def test_every_state_but_the_first_ones_can_be_reached() -> None:
    assert set(TRANSITIONS.values()) == set(TaskState) - {TaskState.DRAFT, TaskState.SCHEDULED}


@pytest.mark.parametrize(
    ("state", "action"),
    [(s, a) for s in TaskState for a in Action if (s, a) not in TRANSITIONS],
)
def test_what_is_not_in_the_table_is_refused(state: TaskState, action: Action) -> None:
    assert next_state(state, action) is None


@given(st.lists(st.lists(st.sampled_from(DEFINITE), max_size=50), max_size=20), st.integers(0, 99))
def test_numbers_add_up_after_every_batch(
    batches: list[list[DeliveryState]], left_over: int
) -> None:
    total = sum(map(len, batches)) + left_over
    numbers = dict.fromkeys(TaskSnapshot.__struct_fields__[6:], 0) | {
        "total": total,
        "queued": total,
    }
    for batch in batches:
        for name, change in counter_changes(batch).items():
            numbers[name] += change
        present = snapshot(**numbers)
        assert present.adds_up
        assert 0 <= present.percent <= 100
        assert (present.percent == 100) == (present.queued == 0 and total > 0)
    assert numbers["queued"] == left_over


def test_speed_and_time_left() -> None:
    running = snapshot(total=100, queued=50, sent=50)

    assert running.per_second(NOW) == 5.0
    assert running.eta_seconds(NOW) == 10


def test_a_paused_task_has_no_time_left() -> None:
    assert snapshot(total=2, queued=1, sent=1, state=TaskState.PAUSED).eta_seconds(NOW) is None


def test_almost_done_is_not_shown_as_done() -> None:
    assert snapshot(total=10_000, queued=1, sent=9_999).percent == 99.9


def test_a_name_with_braces_is_not_read_as_a_template() -> None:
    assert render("Hi {{ name }}!", {"name": "{{name}}"}) == "Hi {{name}}!"


def test_placeholders_nobody_fills_are_found() -> None:
    assert placeholders("{{name}} {{city}} {{name}}") == ["name", "city"]
    assert unknown_placeholders("{{name}} {{city}}") == ["city"]
