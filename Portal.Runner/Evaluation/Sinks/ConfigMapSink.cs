using System.Text;
using Portal.Runner.Evaluation.Cluster;

namespace Portal.Runner.Evaluation.Sinks;

/// <summary>One key of a ConfigMap in the pod's namespace. A ConfigMap holds 1 MiB in all; a quarter is left to its other keys.</summary>
internal sealed class ConfigMapSink(Func<ClusterApi> cluster, string name, string key) : IResultSink
{
    public string Place => $"ConfigMap \"{name}\", key \"{key}\"";

    public int? MaxBytes => 768 * 1024;

    public Task WriteAsync(byte[] document, CancellationToken cancellationToken) =>
        cluster().ApplyConfigMapKeyAsync(name, key, Encoding.UTF8.GetString(document), cancellationToken);
}
