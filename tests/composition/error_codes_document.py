"""Writes ERROR_CODES.md: `python -m tests.composition.error_codes_document`.

The codes and their meanings come from the registry. The examples are the tests of each code: the
first test in `errors/test_<code>.py` is run, and what it composes and gets is shown.
"""

import importlib.util
import os
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from typer.testing import CliRunner

from supergraph.cli.code_frame import FrameSource, frames
from supergraph.cli.main import app
from supergraph.composition.result import CompositionError, CompositionResult, Location
from supergraph.error_codes import composition, hints, runtime
from supergraph.error_codes.registry import CodeKind, ErrorCode, registered_codes
from tests.composition.kit import check_composition, line_shift, shown_sdl

__all__ = ["DOCUMENT", "EXAMPLES", "MISTAKES", "error_codes_document", "mistake_output"]

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "ERROR_CODES.md"
EXAMPLES = HERE / "errors"
#: What newcomers do, with the commands' real output.
MISTAKES = {
    "missing_key": "A type lacks its `@key` in the second subgraph",
    "missing_shareable": "Two subgraphs resolve a field that is not `@shareable`",
    "type_mismatch": "Two subgraphs disagree on the type of a field",
}
#: The modules that declare codes; importing them fills the registry.
_DECLARING = (composition, hints, runtime)
_CHAPTERS = {
    CodeKind.COMPOSITION: (
        "Composition errors",
        (
            "The subgraphs do not compose. `since` is the version of Apollo's composition that "
            "brought the code. Unless an example shows its own link, its subgraphs link "
            "federation v2.11 or later and import what they use."
        ),
    ),
    CodeKind.HINT: (
        "Composition hints",
        (
            "The subgraphs compose, and this may be worth a look. `supergraph compose` prints the "
            "hints of level WARN; all of them are in its JSON output."
        ),
    ),
    CodeKind.CLIENT: ("Client errors", "The sender of the request can do something about it."),
    CodeKind.SUBGRAPH: ("Subgraph errors", "The subgraph named in the error is at fault."),
    CodeKind.GATEWAY: ("Gateway errors", "The operator of the gateway can do something about it."),
    CodeKind.FILE: ("Errors of configuration files", "The author of the file can correct it."),
}


@dataclass(slots=True)
class _Recorder:
    """Stands where a test calls `check_composition`, and keeps what it was called with."""

    subgraphs: Mapping[str, str] | None = None
    result: CompositionResult | None = None

    def __call__(self, subgraphs: dict[str, str], **expected: object) -> CompositionResult:
        result = check_composition(subgraphs, **expected)  # type: ignore[arg-type] # as the test does
        if self.result is None:
            self.subgraphs, self.result = subgraphs, result
        return result


def error_codes_document() -> str:
    """The whole document."""
    parts = [
        "# Error codes",
        (
            "Every code that the gateway and its composition use. This file is generated: run "
            "`python -m tests.composition.error_codes_document`."
        ),
        "## Three first mistakes",
        "What `supergraph compose --config rover.yaml` says about them.",
    ]
    for name, title in MISTAKES.items():
        parts += [f"### {title}", _fenced("text", mistake_output(name))]
    by_kind: dict[CodeKind, list[ErrorCode]] = {kind: [] for kind in _CHAPTERS}
    for code in registered_codes():
        by_kind[code.kind].append(code)
    for kind, (title, introduction) in _CHAPTERS.items():
        parts += [f"## {title}", introduction]
        for code in by_kind[kind]:
            parts += _entry(code)
    return "\n\n".join(parts) + "\n"


def mistake_output(name: str) -> str:
    """What the command prints about one of the mistakes, run in its folder."""
    before = Path.cwd()
    os.chdir(HERE / "newcomer_mistakes" / name)
    try:
        done = CliRunner().invoke(app, ["compose", "--config", "rover.yaml"])
    finally:
        os.chdir(before)
    return done.stderr.strip()


def _entry(code: ErrorCode) -> Iterator[str]:
    facts = [f"since {code.since}"]
    if code.level:
        facts.append(f"level {code.level}")
    if code.http_status:
        facts.append(f"HTTP status {code.http_status}")
    yield f"### {code.name}"
    yield f"{code.meaning} ({', '.join(facts)})"
    example = EXAMPLES / f"test_{code.name.lower()}.py"
    if code.kind is CodeKind.COMPOSITION and example.exists():
        yield from _example(code, example)


def _example(code: ErrorCode, path: Path) -> Iterator[str]:
    recorder = _Recorder()
    module = _loaded(path)
    vars(module)["check_composition"] = recorder
    _run_first_test(module)
    assert recorder.subgraphs is not None, f"{path} composes nothing"
    assert recorder.result is not None
    shown = {name: shown_sdl(sdl) for name, sdl in recorder.subgraphs.items()}
    for name, sdl in shown.items():
        yield _fenced("graphql", f"# {name}.graphql\n{sdl}")
    shifts = {name: line_shift(sdl) for name, sdl in recorder.subgraphs.items()}
    sources = {n: FrameSource(f"{n}.graphql", sdl.splitlines()) for n, sdl in shown.items()}
    error = next(e for e in recorder.result.errors if e.code == code.name)
    yield _fenced("text", frames(_shifted(error, shifts), sources, colour=False))


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run_first_test(module: ModuleType) -> None:
    test = next(value for name, value in vars(module).items() if name.startswith("test_"))
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    if not marks:
        test()
        return
    names, values = marks[0].args
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    first = values[0] if len(names) > 1 else (values[0],)
    test(**dict(zip(names, first, strict=True)))


def _shifted(error: CompositionError, shifts: Mapping[str, int]) -> CompositionError:
    """The error with its places as lines of the SDL that is shown."""
    places = tuple(
        Location(place.subgraph, place.line - shifts[place.subgraph], place.column)
        for place in error.locations
    )
    return CompositionError(error.definition, error.message, error.subgraphs, places)


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{textwrap.dedent(text).strip()}\n```"


if __name__ == "__main__":
    DOCUMENT.write_text(error_codes_document(), encoding="utf-8")
