#!/usr/bin/env bash
# Renders per second of processor time beside the npm package dotprompt, in alternating rounds, one caller each; a table on standard output.
# usage: bench/dotprompt/run.sh [seconds a measurement] [rounds]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-1} rounds=${2:-3}
if [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then
  npm ci --prefix e2e --no-audit --no-fund --loglevel=error >&2
  touch e2e/node_modules/.package-lock.json
fi
dotnet build bench/dotprompt -c Release -v quiet -nologo >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for _ in $(seq "$rounds"); do
  dotnet bench/dotprompt/bin/Release/net10.0/Portal.Dotprompt.Bench.dll bench/dotprompt/documents.json "$seconds" >> "$work/ours"
  node bench/dotprompt/peer.mjs "$seconds" >> "$work/peer"
done
node bench/dotprompt/report.mjs "$work/ours" "$work/peer"
