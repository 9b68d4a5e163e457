using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

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
    public async IAsyncEnumerable<string> ReadAsync(
        string @namespace, string pod, string? container, bool follow, int? tailLines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Find(@namespace, pod) is { } log)
        {
            await foreach (var line in log.ReadAsync(tailLines, follow, cancellationToken))
            {
                yield return line.Text;
            }
        }
    }
}
