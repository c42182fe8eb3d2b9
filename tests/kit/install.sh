#!/usr/bin/env bash
# Makes the programs that tests start available. Prints, comma-separated, what is still missing:
# the value for SUPERGRAPH_TESTS_WITHOUT. Explanations go to stderr.
set -euo pipefail

postgres_is_there() { compgen -G '/usr/lib/postgresql/*/bin/postgres' || command -v postgres; }

# What the tests call a thing, and the Debian packages that bring it.
missing() {
    command -v redis-server >/dev/null || echo "redis redis-server"
    postgres_is_there >/dev/null || echo "postgres postgresql"
    command -v chromium >/dev/null || echo "chromium chromium fonts-dejavu-core"
}

packages="$(missing | cut -d' ' -f2- | xargs)"
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing what the tests start: $packages" >&2
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # one word per package
    { apt-get update -q && apt-get install -qy --no-install-recommends $packages; } >&2 || true
fi

here="$(dirname "$0")"
without="$(missing | cut -d' ' -f1 | paste -sd, -)"
[ -e "$here/../../supergraph/server/graphiql/dist/index.html" ] ||
    without="${without:+$without,}graphiql"
[ -e "$here/../protocol/node_modules/.installed" ] || without="${without:+$without,}node"
if [ -n "$without" ]; then
    cat >&2 <<END
################################################################################
##                                                                            ##
##   N O T   E V E R Y T H I N G   I S   T E S T E D   H E R E                ##
##                                                                            ##
################################################################################
   Left out, because it is not installed: $without
   To install (as root): apt-get install $(missing | cut -d' ' -f2- | xargs)
   (graphiql: npm and Node 20.19, 22.12 or newer, then: make graphiql)
   (node, clients from npm: npm and Node 20 or newer, then: make protocol-clients)
################################################################################
END
fi
printf '%s\n' "$without"
