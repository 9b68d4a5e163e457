#!/usr/bin/env bash
# How long the browser waits after a key: diagnostics and preview of a document of 64 kB, and what 1 MB pasted does. Needs a build and Chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then npm ci --prefix e2e --no-audit --no-fund --loglevel=error; fi
exec node bench/editor/typing.mjs "${1:-Portal/bin/Debug/net10.0/Portal.dll}"
