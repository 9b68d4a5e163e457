#!/usr/bin/env bash
# Publishes the portal and measures what a user waits for: start-up, memory, publish to ready, kubectl edit to answer, first token.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then npm ci --prefix e2e --no-audit --no-fund --loglevel=error; fi
dotnet publish Portal -c Release -o artifacts/publish -v quiet -nologo
exec node bench/portal.mjs artifacts/publish/Portal.dll "$@"
