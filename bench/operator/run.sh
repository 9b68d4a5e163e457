#!/usr/bin/env bash
# The operator as published, in a process of its own, on an embedded API server in another; prints a Markdown table.
# To keep it: ./build.sh bench operator > bench/operator/results.md
# usage: bench/operator/run.sh [--kubeconfig FILE] [--flows N] [--many N] [cold|start|many|kill|memory ...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dotnet publish Portal -c Release -o artifacts/publish -v quiet -nologo >&2
dotnet publish bench/operator -c Release -o artifacts/bench-operator -v quiet -nologo >&2
exec dotnet artifacts/bench-operator/Portal.Operator.Bench.dll artifacts/publish/Portal.dll "$@"
