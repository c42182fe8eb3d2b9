#!/usr/bin/env bash
# Creates .venv with every pinned dependency, checked against its hash, and the project itself in
# editable form. Safe to run again; `make setup` calls it only when something pinned has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    say "Python 3.11 or newer is needed. On Debian or Ubuntu: apt-get install python3 python3-venv"
    say "An interpreter elsewhere is taken with: make setup PYTHON=/path/to/python3"
    return 1
}

# Debian splits ensurepip off into a package of its own, without which venv makes a broken folder.
ensure_venv_module() {
    if "$1" -c 'import ensurepip, venv' 2>/dev/null; then
        return
    fi
    local package
    package="$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing $package ..."
        if { apt-get update -q && apt-get install -qy --no-install-recommends "$package"; } >&2; then
            return
        fi
    fi
    say "Python's venv module is not complete. As root: apt-get install $package"
    return 1
}

python="$(find_python)"
if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    ensure_venv_module "$python"
    "$python" -m venv --clear .venv
fi
.venv/bin/python -m pip install --quiet --no-input --require-hashes -r requirements/bootstrap.txt
uv() { VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv --quiet "$@"; }
# Compiled here, because a process may not be able to (or be told not to) write beside the modules.
uv pip sync --compile-bytecode --require-hashes requirements/all.txt
uv pip install --no-deps --no-build-isolation --editable .
