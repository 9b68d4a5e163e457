#!/usr/bin/env bash
# The runner beside Genkit JS, both in this run, on the same machine, against the same provider. Needs wrk (Debian package).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v wrk > /dev/null || { echo "wrk is missing: apt-get install wrk" >&2; exit 1; }
if [ bench/runner/package-lock.json -nt bench/runner/node_modules/.package-lock.json ]; then
  npm ci --prefix bench/runner --no-audit --no-fund --loglevel=error
  touch bench/runner/node_modules/.package-lock.json
fi
# Compiled ahead of time: a third less to wait for at the start. The lock files know no platform; the packages are the same.
dotnet publish Portal.Runner -c Release --use-current-runtime --no-self-contained -p:PublishReadyToRun=true -p:NuGetLockFilePath=obj/publish.lock.json \
  -o artifacts/bench/runner -v quiet -nologo
dotnet build bench/runner/Load -c Release -o artifacts/bench/load -v quiet -nologo
exec node bench/runner/run.mjs artifacts/bench/runner/Portal.Runner.dll artifacts/bench/load/Load.dll "$@"
