using System.Collections.Concurrent;

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
}
