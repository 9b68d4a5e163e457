#!/usr/bin/env bash
# The project's pipeline; CI calls nothing else.
#   ./build.sh run        build and start the portal
#   ./build.sh test       unit, integration and browser tests, those of the database on SQLite and on PostgreSQL; last line: N passed, N failed
#   ./build.sh test --long       the same with long fuzz, crash, model and comparison runs
#   ./build.sh test --cluster    the operator's tests on the cluster of KUBECONFIG (docs/extend.md)
#   ./build.sh format     apply the code style (format --check only verifies)
#   ./build.sh generate   rewrite generated files (CRDs, access rules, parts of the chart, install.yaml) from the C# kinds
#   ./build.sh bench      benchmarks: start-up, memory, publish-to-ready, first token
#   ./build.sh bench apiserver | runtime | operator | runner | dotprompt | audit | prompts | editor | costs | status    the parts, beside their peers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDTERMINALLOGGER=off

restore_test_peers() {
  if [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then
    npm ci --prefix e2e --no-audit --no-fund --loglevel=error
    touch e2e/node_modules/.package-lock.json
  fi
}

build() {
  local locked=()
  [ "${CI:-}" = true ] && locked=(-p:RestoreLockedMode=true)
  dotnet build GenkitPortal.sln -v quiet "${locked[@]}"
}

# Sums the closing lines of both runners. A runner that ends badly without a count is one failure, so that nothing passes unseen.
count() { # file pattern
  { grep -oE "$2" "$1" || true; } | { grep -oE '[0-9]+' || true; } | awk '{ sum += $1 } END { print sum + 0 }'
}

# A PostgreSQL of its own, on a socket in a directory that goes with it. It refuses to run as root, and may lose what it holds.
start_postgres() {
  local bin as=()
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
  [ -n "$bin" ] || bin=$(dirname "$(command -v initdb)" 2>/dev/null) || return 1
  postgres=$(mktemp -d)
  trap 'stop_postgres' EXIT
  if [ "$(id -u)" = 0 ]; then
    chown nobody "$postgres"
    as=(runuser -u nobody --)
  fi
  postgres_control=("${as[@]}" "$bin/pg_ctl" -D "$postgres/data" -s -w)
  (
    cd "$postgres"
    "${as[@]}" "$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
    sed -i '1i local all locked scram-sha-256' data/pg_hba.conf
    "${postgres_control[@]}" -l "$postgres/log" start -o "-c listen_addresses= -c unix_socket_directories=$postgres -c max_connections=500 -c fsync=off \
      -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off -c shared_buffers=128MB"
  ) || return 1
  export GENKIT_TEST_POSTGRES="Host=$postgres;Username=postgres;Database=postgres"
}

stop_postgres() {
  [ -n "${postgres:-}" ] || return 0
  (cd / && "${postgres_control[@]}" -m immediate stop) || true
  rm -rf "$postgres"
  postgres='' && unset GENKIT_TEST_POSTGRES
}

test_dotnet() { # log, filter and more
  dotnet test Portal.Tests --no-build --logger "console;verbosity=minimal" --blame-hang-timeout 5m --results-directory "$results" "${@:2}" 2>&1 | tee "$1" || true
  passed=$((passed + $(count "$1" 'Passed: +[0-9]+')))
  failed=$((failed + $(count "$1" 'Failed: +[0-9]+')))
  if ! grep -qE '^(Passed|Failed)! ' "$1"; then failed=$((failed + 1)); fi
}

# What keeps something in the portal's database, once more on PostgreSQL; its pages are driven in a browser there.
test_postgres() {
  if ! start_postgres; then
    echo "PostgreSQL is not installed (Debian package postgresql): what needs it is not tested."
    [ "${CI:-}" != true ] || failed=$((failed + 1))
    return
  fi

  test_dotnet "$results/postgres.log" --filter "FullyQualifiedName~Portal.Tests.Portal."
  test_pages "$results/e2e-postgres.log" story releases audit budgets costs exchange import prices runs status usage
  stop_postgres
}

test_pages() { # log, specs
  (cd e2e && npx --no-install playwright test "${@:2}") 2>&1 | tee "$1" || true
  local e2e_passed e2e_failed
  e2e_passed=$(count "$1" '^ +[0-9]+ passed')
  e2e_failed=$(count "$1" '^ +[0-9]+ (failed|flaky|interrupted|did not run)')
  if [ "$e2e_passed" -eq 0 ] && [ "$e2e_failed" -eq 0 ]; then e2e_failed=1; fi
  passed=$((passed + e2e_passed)) failed=$((failed + e2e_failed))
}

test_all() {
  local results=artifacts/test passed=0 failed=0
  rm -rf "$results" && mkdir -p "$results"
  restore_test_peers
  build

  test_dotnet "$results/dotnet.log" "$@"
  if [ $# -eq 0 ]; then
    test_postgres
    test_pages "$results/e2e.log"
  fi

  echo
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# One class at a time: every operator watches the whole cluster, so two would do each other's work.
test_cluster() {
  : "${KUBECONFIG:?names the cluster to test on; see docs/extend.md}"
  GENKIT_TEST_CLUSTER=1 test_all --filter "FullyQualifiedName~Portal.Tests.Operator" "$@" -- xUnit.ParallelizeTestCollections=false
}

case "${1:-}" in
  run) shift; exec dotnet run --project Portal -- "$@" ;;
  test)
    shift
    case "${1:-}" in
      --cluster) shift; test_cluster "$@" ;;
      --long) shift; GENKIT_TEST_LONG=1 test_all "$@" ;;
      *) test_all "$@" ;;
    esac ;;
  format)
    if [ "${2:-}" = --check ]; then dotnet format GenkitPortal.sln --verify-no-changes; else dotnet format GenkitPortal.sln; fi ;;
  generate) build; GENERATE=1 dotnet test Portal.Tests --no-build --logger "console;verbosity=minimal" --filter "Category=Generated" ;;
  bench)
    shift
    if [ -x "bench/${1:-none}/run.sh" ]; then exec "bench/$1/run.sh" "${@:2}"; else exec bench/run.sh "$@"; fi ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
