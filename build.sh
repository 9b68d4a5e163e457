#!/usr/bin/env bash
# The project's pipeline; CI calls nothing else.
#   ./build.sh run        build and start the portal
#   ./build.sh test       unit, integration and browser tests; last line: N passed, N failed
#   ./build.sh test --long       the same with long fuzz, crash, model and comparison runs
#   ./build.sh test --cluster    the operator's tests on the cluster of KUBECONFIG (docs/extend.md)
#   ./build.sh format     apply the code style (format --check only verifies)
#   ./build.sh generate   rewrite generated files (CRDs, access rules, parts of the chart, install.yaml) from the C# kinds
#   ./build.sh bench      benchmarks: start-up, memory, publish-to-ready, first token
#   ./build.sh bench apiserver | runtime | operator | runner | dotprompt | audit    the parts, beside their peers
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

test_all() {
  local results=artifacts/test passed=0 failed=0
  rm -rf "$results" && mkdir -p "$results"
  restore_test_peers
  build

  dotnet test Portal.Tests --no-build --logger "console;verbosity=minimal" --blame-hang-timeout 5m --results-directory "$results" "$@" 2>&1 | tee "$results/dotnet.log" || true
  passed=$(count "$results/dotnet.log" 'Passed: +[0-9]+')
  failed=$(count "$results/dotnet.log" 'Failed: +[0-9]+')
  if ! grep -qE '^(Passed|Failed)! ' "$results/dotnet.log"; then failed=$((failed + 1)); fi

  if [ $# -eq 0 ]; then
    (cd e2e && npx --no-install playwright test) 2>&1 | tee "$results/e2e.log" || true
    local e2e_passed e2e_failed
    e2e_passed=$(count "$results/e2e.log" '^ +[0-9]+ passed')
    e2e_failed=$(count "$results/e2e.log" '^ +[0-9]+ (failed|flaky|interrupted|did not run)')
    if [ "$e2e_passed" -eq 0 ] && [ "$e2e_failed" -eq 0 ]; then e2e_failed=1; fi
    passed=$((passed + e2e_passed)) failed=$((failed + e2e_failed))
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
