"""The command line of the demo.

Exit codes: 0 done, 1 it could not be done (the message says why), 2 wrong usage or a busy
port.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from subgraphs.demo.campaign import run_campaign
from subgraphs.demo.processes import answers_health
from subgraphs.demo.run import run_embedded
from subgraphs.demo.schema_files import write_schema_files
from subgraphs.demo.stack import run_stack

__all__ = ["main"]

DEFAULT_PORT = 4000
DEFAULT_DATA_DIR = "data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    given = _parser().parse_args(arguments)
    data = Path(os.environ.get("DATA_DIR") or DEFAULT_DATA_DIR)
    match given.command:
        case "run":
            return run_embedded(data, given.port, given.host, say)
        case "campaign":
            return run_campaign(given.url)
        case "stack":
            return run_stack(data / "stack", say)
        case "schema":
            return write_schema_files(say)
        case _:
            return 0 if answers_health(given.url) else 1


def say(text: str) -> None:
    """Print at once, also when the output is a file or a pipe."""
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m subgraphs.demo")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="the embedded mode with demo data (make run)")
    run.add_argument("--port", type=int, default=DEFAULT_PORT)
    run.add_argument("--host", default="127.0.0.1")
    campaign = commands.add_parser("campaign", help="launch and watch a campaign (make demo)")
    campaign.add_argument("--url", help="the GraphQL endpoint of a running gateway")
    commands.add_parser("stack", help="the distributed mode on this machine (make stack)")
    commands.add_parser("schema", help="write schema/*.graphql again (make schema)")
    healthy = commands.add_parser("healthy", help="exit 0 when a URL answers 200")
    healthy.add_argument("url")
    return parser
