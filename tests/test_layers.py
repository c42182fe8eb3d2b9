"""The import contracts in pyproject.toml hold."""

import subprocess
import sys
from pathlib import Path

from tests.kit.servers import REPOSITORY


def test_imports_point_downwards() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(
        [lint_imports, "--no-logo", "--no-cache"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
