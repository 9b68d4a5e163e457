#!/usr/bin/env bash
# The controller runtime against an API server in another process, beside the informer of @kubernetes/client-node when it is installed.
# usage: bench/runtime/run.sh [objects] [runs]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
objects=${1:-10000} runs=${2:-5}
dotnet build bench/runtime -c Release -v quiet -nologo >&2
bench=(dotnet bench/runtime/bin/Release/net10.0/Portal.Kubernetes.Bench.dll)
work=$(mktemp -d)
exec 3> >("${bench[@]}" serve "$work/kubeconfig")
trap 'exec 3>&-; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -f "$work/kubeconfig" ] && break; sleep 0.1; done

"${bench[@]}" fill "$work/kubeconfig" "$objects"
"${bench[@]}" measure "$work/kubeconfig" "$objects" "$runs" > "$work/ours"
if [ -d e2e/node_modules/@kubernetes/client-node ]; then node bench/runtime/peer.mjs "$work/kubeconfig" "$objects" "$runs" > "$work/peer"; fi
node bench/runtime/report.mjs "$work/ours" "$work/peer"
