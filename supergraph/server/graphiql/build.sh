#!/usr/bin/env bash
# Builds the browser bundle into dist/. Without a Node that can run the build it says so and ends
# well: the gateway then serves its plain page instead.
set -euo pipefail
cd "$(dirname "$0")"

usable_node='const [a, b] = process.versions.node.split(".").map(Number);
process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'
if ! command -v npm >/dev/null || ! node -e "$usable_node" 2>/dev/null; then
    echo "GraphiQL is not built: that needs npm and Node 20.19, 22.12 or newer." >&2
    echo "Everything else works; the gateway serves a plain query page instead." >&2
    exit 0
fi
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
