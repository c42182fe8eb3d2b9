"""What is picked out of an event, by the selections of an operation."""

from typing import Any

import pytest

from supergraph.federation.event_streams import event_streams
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.traffic.events.operation import StreamOperation
from tests.events.jobs import supergraph_sdl


def test_what_several_selections_take_of_one_value_is_merged() -> None:
    [stream] = event_streams(parse_supergraph(supergraph_sdl()))
    text = """
    subscription {
      job(id: 1) {
        owner { a { b } list { a { b } } }
        ... on Job { owner { a { c } list { a { c } } } }
      }
    }
    """
    told = {"__typename": "Owner", "a": {"__typename": "A", "b": 1, "c": 2}}
    message = {"__typename": "Print", "owner": {**told, "list": [told, told]}}

    data = StreamOperation(stream, text).projection.of(message)

    selected = {"a": {"b": 1, "c": 2}}
    assert data == {"owner": {**selected, "list": [selected, selected]}}


@pytest.mark.parametrize(
    ("field", "variables", "channel"),
    [
        ("job", {}, "job:7"),
        ("job(id: $id)", {}, "job:7"),
        ("job(id: $id)", {"id": "8"}, "job:8"),
        ("job(id: 9)", {}, "job:9"),
    ],
)
def test_a_channel_is_named_by_arguments_or_their_defaults(
    field: str, variables: dict[str, Any], channel: str
) -> None:
    sdl = supergraph_sdl().replace("job(id: ID!)", 'job(id: ID! = "7")')
    [stream] = event_streams(parse_supergraph(sdl))
    operation = StreamOperation(stream, f"subscription ($id: ID!) {{ {field} {{ id }} }}")

    assert operation.channel(variables) == channel
