"""The registry of codes, their uses, their tests and ERROR_CODES.md agree."""

import re
from pathlib import Path

import pytest

import supergraph
from supergraph.error_codes.registry import CodeKind, registered_codes
from tests.composition.error_codes_document import (
    DOCUMENT,
    EXAMPLES,
    MISTAKES,
    error_codes_document,
    mistake_output,
)

README = DOCUMENT.with_name("README.md")
PACKAGE = Path(supergraph.__file__).parent
#: Codes whose case is no set of subgraphs; their tests stand elsewhere.
WITHOUT_EXAMPLE = {"MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED", "UNSUPPORTED_LINKED_FEATURE"}


def sources() -> str:
    files = (path for path in PACKAGE.rglob("*.py") if path.parent.name != "error_codes")
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_declared_code_is_used() -> None:
    used = set(
        re.findall(r"\b(?:codes|hints|composition_codes|runtime_codes)\.([A-Z_]+)\b", sources())
    )
    assert {code.name for code in registered_codes()} - used == set()


def test_every_composition_error_has_a_test_named_after_it() -> None:
    tested = {path.stem.removeprefix("test_").upper() for path in EXAMPLES.glob("test_*.py")}
    codes = {code.name for code in registered_codes() if code.kind is CodeKind.COMPOSITION}
    assert codes - tested == WITHOUT_EXAMPLE
    assert tested - codes == set()


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == error_codes_document(), (
        "run python -m tests.composition.error_codes_document"
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_a_first_mistake_shows_both_places_and_the_fix(name: str) -> None:
    output = mistake_output(name)
    assert "--> products.graphql:" in output
    assert "--> reviews.graphql:" in output
    assert output in DOCUMENT.read_text(encoding="utf-8")
    assert output.strip() in README.read_text(encoding="utf-8")
