#!/usr/bin/env bash
# Measures the embedded API server as published; prints a Markdown table. To keep it: ./build.sh bench apiserver > bench/apiserver/results.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dotnet publish bench/apiserver -c Release -o artifacts/bench-apiserver -v quiet -nologo >&2
exec dotnet artifacts/bench-apiserver/Portal.ApiServer.Bench.dll artifacts/bench-apiserver-data "$@"
