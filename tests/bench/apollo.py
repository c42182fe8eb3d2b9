"""Where Apollo's packages are, to measure beside them: in a folder outside the repository.

The environment variable SUPERGRAPH_BENCH_APOLLO names a folder with the packages in its
`node_modules`. Without it they are installed from npm into the user's cache, once.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["APOLLO_VERSION", "find_apollo"]

APOLLO_VERSION = "2.14.4"
_VARIABLE = "SUPERGRAPH_BENCH_APOLLO"
_APOLLO_PACKAGES = ("composition", "federation-internals", "query-planner")
_PACKAGES = (*(f"@apollo/{name}@{APOLLO_VERSION}" for name in _APOLLO_PACKAGES), "graphql@16")
_INSTALL_SECONDS_MAX = 300


def find_apollo() -> Path | None:
    """The folder with the packages; None, with the reason on stderr, where there can be none."""
    if shutil.which("node") is None:
        return _without("node is not installed")
    given = os.environ.get(_VARIABLE)
    if given:
        return Path(given) if _is_installed(Path(given)) else _without(f"{given} has no packages")
    folder = _cache() / f"apollo-{APOLLO_VERSION}"
    if _is_installed(folder):
        return folder
    return folder if _install(folder) else _without("npm could not install it")


def _is_installed(folder: Path) -> bool:
    scope = folder / "node_modules" / "@apollo"
    return all((scope / name / "package.json").exists() for name in _APOLLO_PACKAGES)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "supergraph-bench"


def _install(folder: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *_PACKAGES]
    try:
        done = subprocess.run(command, stdout=sys.stderr, check=False, timeout=_INSTALL_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and _is_installed(folder)


def _without(reason: str) -> None:
    print(f"Apollo is not measured: {reason}.", file=sys.stderr)
