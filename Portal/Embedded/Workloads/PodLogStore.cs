using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Portal.ApiServer.Handlers;

namespace Portal.Embedded.Workloads;

/// <summary>Logs of the pods that run here, by namespace and name.</summary>
internal sealed class PodLogStore
{
    private readonly ConcurrentDictionary<(string Namespace, string Pod), (PodLog Log, string Container)> _logs = new();

    public PodLog? Find(string @namespace, string pod) => _logs.GetValueOrDefault((@namespace, pod)).Log;

    /// <param name="container">The one that writes it.</param>
    public void Add(string @namespace, string pod, string container, PodLog log) => _logs[(@namespace, pod)] = (log, container);

    public void Remove(string @namespace, string pod)
    {
        if (_logs.TryRemove((@namespace, pod), out var entry))
        {
            entry.Log.Dispose();
        }
    }

    /// <summary>Lines of a pod's log for kubectl; nothing when the pod has none.</summary>
    public async IAsyncEnumerable<string> ReadAsync(PodLogRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!_logs.TryGetValue((request.Namespace, request.Pod), out var entry))
        {
            yield break;
        }

        if (request.Container is { Length: > 0 } asked && asked != entry.Container)
        {
            yield return PodStatus.NotRunHere;
            yield break;
        }

        var log = entry.Log;

        if (request.Previous)
        {
            foreach (var line in log.ReadPrevious(request.TailLines))
            {
                yield return TextOf(line, request);
            }

            yield break;
        }

        await foreach (var line in log.ReadAsync(request.TailLines, request.Follow, cancellationToken))
        {
            yield return TextOf(line, request);
        }
    }

    private static string TextOf(LogLine line, PodLogRequest request) => request.Timestamps ? line.WithTime() : line.Text;
}
