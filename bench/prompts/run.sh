#!/usr/bin/env bash
# A portal with 10,000 prompts of 50 revisions and 200 users in browsers of their own; fails when a budget is missed.
# usage: bench/prompts/run.sh [prompts] [revisions] [users]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then npm ci --prefix e2e --no-audit --no-fund --loglevel=error; fi
dotnet publish Portal -c Release -o artifacts/publish -v quiet -nologo >&2
dotnet build bench/prompts -c Release -v quiet -nologo >&2
exec node bench/prompts/load.mjs artifacts/publish/Portal.dll bench/prompts/bin/Release/net10.0/Portal.Prompts.Bench.dll "$@"
