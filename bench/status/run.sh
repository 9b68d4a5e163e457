#!/usr/bin/env bash
# What an open overview of 2,000 flows costs while they change. Needs a build and Chromium; more arguments: flows, changes a second, seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then npm ci --prefix e2e --no-audit --no-fund --loglevel=error; fi
exec node bench/status/bench.mjs Portal/bin/Debug/net10.0/Portal.dll "${@:-2000}"
