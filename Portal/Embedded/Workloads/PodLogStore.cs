using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Portal.ApiServer.Handlers;

namespace Portal.Embedded.Workloads;

/// <summary>Logs of the pods that run here, by namespace and name.</summary>
internal sealed class PodLogStore
{
    private readonly ConcurrentDictionary<(string Namespace, string Pod), PodLog> _logs = new();

    public PodLog? Find(string @namespace, string pod) => _logs.GetValueOrDefault((@namespace, pod));

    public void Add(string @namespace, string pod, PodLog log) => _logs[(@namespace, pod)] = log;

    public void Remove(string @namespace, string pod)
    {
        if (_logs.TryRemove((@namespace, pod), out var log))
        {
            log.Dispose();
        }
    }

    /// <summary>Lines of a pod's log for kubectl; nothing when the pod has none.</summary>
    public async IAsyncEnumerable<string> ReadAsync(PodLogRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Find(request.Namespace, request.Pod) is not { } log)
        {
            yield break;
        }

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
