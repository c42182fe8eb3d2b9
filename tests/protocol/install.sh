#!/usr/bin/env bash
# Installs the reference clients and servers. Without a Node that can run them it says so and ends
# well: the tests that need them are left out then, which tests/kit/install.sh tells.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
    echo "The reference clients are not installed: that needs npm and Node 20 or newer." >&2
    exit 0
fi
npm ci --omit=peer --no-audit --no-fund --loglevel=error
touch node_modules/.installed
