#!/usr/bin/env bash
# Usage and its costs at five million calls: fill, ingest while a dashboard is open, recompute; fails when a budget is missed.
# usage: bench/costs/run.sh [rows] [seed] [connection string of an empty PostgreSQL database; without one it is SQLite]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dotnet build bench/costs -c Release -v quiet -nologo >&2
exec dotnet bench/costs/bin/Release/net10.0/Portal.Costs.Bench.dll "$@"
