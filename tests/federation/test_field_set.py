"""Field sets, read and printed."""

import pytest

from supergraph.federation.field_set import FieldSetError, parse_field_set, print_field_set


@pytest.mark.parametrize(
    "text", ["id", "id owner { id }", "... on User { email }", "price(currency: EUR)"]
)
def test_field_sets_survive_reading_and_printing(text: str) -> None:
    assert print_field_set(parse_field_set(text)) == text


def test_outer_braces_and_whitespace_do_not_matter() -> None:
    assert parse_field_set("{ id\n  sku }") == parse_field_set("id sku")


@pytest.mark.parametrize("text", ["", "  ", "id }", "...F", "id { }", "id {", "x{" * 5000])
def test_what_is_no_field_set_is_refused(text: str) -> None:
    with pytest.raises(FieldSetError):
        parse_field_set(text)
