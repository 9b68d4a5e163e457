using System.Text;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>The files of a pod's volumes: written before its process starts, and brought up to date while it runs. Values of Secrets among them are
/// masked in its log from before they can be read.</summary>
internal sealed partial class PodFiles(KubeObject pod, PodSpec spec, PodDirectory directory, PodLog log, PodEnvironment shared)
{
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Completes when a ConfigMap or Secret shown here has changed since the last write or update.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public void Tell(KubeObject source)
    {
        if (spec.Mounts(source))
        {
            Volatile.Read(ref _changed).TrySetResult();
        }
    }

    /// <summary>Puts all files in place anew.</summary>
    /// <param name="secrets">Further values to mask.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerConfigException">A volume, ConfigMap, Secret or key is missing.</exception>
    public async Task WriteAsync(IEnumerable<string> secrets, CancellationToken cancellationToken)
    {
        _secrets.Clear();
        _secrets.UnionWith(secrets);
        var volumes = await ReadAsync(cancellationToken);
        directory.Create();
        volumes.WriteTo(directory.FileSystem);
    }

    /// <summary>Puts the files as they are now before the running process. What cannot be read leaves it with those it has.</summary>
    public async Task UpdateAsync(CancellationToken cancellationToken)
    {
        try
        {
            (await ReadAsync(cancellationToken)).Update(directory.FileSystem);
        }
        catch (Exception exception) when (exception is ContainerConfigException or KubernetesException or IOException or UnauthorizedAccessException)
        {
            Log.FilesStay(shared.Logger, pod.Name, exception.Message);
            shared.Events.Record(pod, "Warning", "FailedMount", $"The files stay as they were: {exception.Message}");
        }
    }

    private async Task<VolumeFiles> ReadAsync(CancellationToken cancellationToken)
    {
        // Before the reading, so that a change during it counts.
        Volatile.Write(ref _changed, NewSignal());
        var volumes = await VolumeFiles.ReadAsync(pod.Namespace!, spec, spec.Runner, shared.Config, cancellationToken);
        _secrets.UnionWith(volumes.Files.Where(file => file.IsSecret).Select(file => Encoding.UTF8.GetString(file.Content)));
        log.Mask(_secrets);
        return volumes;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The files of pod {Pod} stay as they were: {Error}")]
        public static partial void FilesStay(ILogger logger, string pod, string error);
    }
}
