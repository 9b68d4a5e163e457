#!/usr/bin/env bash
# Writes an audit log and verifies all of it; fails when the median is over its budget.
# usage: bench/audit/run.sh [rows] [runs]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dotnet build bench/audit -c Release -v quiet -nologo >&2
exec dotnet bench/audit/bin/Release/net10.0/Portal.Audit.Bench.dll "$@"
