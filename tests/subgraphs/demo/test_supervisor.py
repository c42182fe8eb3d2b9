"""Processes that belong together start together and end together."""

import sys
from pathlib import Path

import pytest

from subgraphs.demo.processes import ChildProcess, StartError
from subgraphs.demo.supervisor import Supervisor

FOREVER = "import threading; print('up', flush=True); threading.Event().wait()"


def python(folder: Path, name: str, code: str) -> ChildProcess:
    return ChildProcess(name, [sys.executable, "-c", code], folder / f"{name}.log")


def test_leaving_the_block_ends_every_process(tmp_path: Path) -> None:
    processes = [python(tmp_path, name, FOREVER) for name in ("one", "two")]

    with Supervisor() as supervisor:
        for process in processes:
            supervisor.start(process, lambda p=process: "up" in p.log_tail(), 30)
        assert all(process.is_running for process in processes)

    assert not any(process.is_running for process in processes)


def test_a_process_that_dies_at_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    healthy = python(tmp_path, "healthy", FOREVER)
    broken = python(tmp_path, "broken", "import sys; sys.exit('the disk is full')")

    with Supervisor() as supervisor:
        supervisor.start(healthy, lambda: "up" in healthy.log_tail(), 30)
        with pytest.raises(StartError, match=r"(?s)broken ended at start .*the disk is full"):
            supervisor.start(broken, lambda: False, 30)

    assert not healthy.is_running


def test_watching_names_the_process_that_ended(tmp_path: Path) -> None:
    lasting = python(tmp_path, "lasting", FOREVER)
    brief = python(tmp_path, "brief", "import sys; input(); sys.exit(3)")

    with Supervisor() as supervisor:
        supervisor.start(lasting, lambda: True, 30)
        supervisor.start(brief, lambda: True, 30)
        ended = supervisor.watch()
        assert lasting.is_running

    assert (ended.name, ended.exit_code) == ("brief", 1)


def test_a_failing_command_stops_the_rest_of_its_group(tmp_path: Path) -> None:
    slow = python(tmp_path, "slow", FOREVER)
    failing = python(tmp_path, "failing", "raise SystemExit('no such table')")

    with Supervisor() as supervisor, pytest.raises(StartError, match="no such table"):
        supervisor.run_together([failing, slow], 30)

    assert not slow.is_running
