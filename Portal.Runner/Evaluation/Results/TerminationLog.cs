using System.Text;

namespace Portal.Runner.Evaluation.Results;

/// <summary>
/// The message a container leaves behind, which the kubelet puts into the pod's status: the totals of a run, or why there is none. So whoever started the job
/// needs no access to the sink. https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
/// </summary>
/// <param name="path">Written only when it exists: outside a pod it does not.</param>
internal sealed class TerminationLog(string path)
{
    public const string PathVariable = "EVAL_TERMINATION_LOG";
    private const string UsualPath = "/dev/termination-log";

    /// <summary>What the kubelet takes.</summary>
    private const int MaxBytes = 4096;

    public static TerminationLog Of(Func<string, string?> environment) =>
        new(environment(PathVariable) is { Length: > 0 } given ? given : UsualPath);

    public async Task WriteAsync(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        try
        {
            if (File.Exists(path))
            {
                await File.WriteAllBytesAsync(path, bytes.Length <= MaxBytes ? bytes : bytes[..MaxBytes]);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nothing depends on it: the exit code and the sink have said the same.
        }
    }
}
