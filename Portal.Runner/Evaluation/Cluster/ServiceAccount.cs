using System.Globalization;

namespace Portal.Runner.Evaluation.Cluster;

/// <summary>What a pod knows of the API server and of itself: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/.</summary>
internal sealed record ServiceAccount
{
    /// <summary>Where the token, the authority and the namespace are, when not at the usual place.</summary>
    public const string DirectoryVariable = "GENKIT_SERVICE_ACCOUNT_DIR";
    private const string UsualDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    public required Uri Server { get; init; }
    public required string Directory { get; init; }
    public required string Namespace { get; init; }

    public string AuthorityFile => Path.Combine(Directory, "ca.crt");

    /// <exception cref="EvaluationException">BadConfiguration: the process is not in a pod, or the pod has no service account.</exception>
    public static ServiceAccount Find(Func<string, string?> environment)
    {
        var (host, port) = (environment("KUBERNETES_SERVICE_HOST"), environment("KUBERNETES_SERVICE_PORT") ?? "443");
        if (string.IsNullOrEmpty(host) || !int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new EvaluationException(EvaluationExit.BadConfiguration,
                "a ConfigMap is to be read or written, and KUBERNETES_SERVICE_HOST does not say where the API server is: this works in a pod only");
        }

        var directory = environment(DirectoryVariable) is { Length: > 0 } given ? given : UsualDirectory;
        return new ServiceAccount
        {
            Server = new UriBuilder(Uri.UriSchemeHttps, host.Trim('[', ']'), number).Uri,
            Directory = directory,
            Namespace = Read(Path.Combine(directory, "namespace")),
        };
    }

    /// <exception cref="EvaluationException">BadConfiguration: there is no token.</exception>
    public string ReadToken() => Read(Path.Combine(Directory, "token"));

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } text && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
                ? text
                : throw new EvaluationException(EvaluationExit.BadConfiguration, $"{file} does not hold what a service account has there");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException(EvaluationExit.BadConfiguration, $"{file} cannot be read; does the pod mount its service account?", exception);
        }
    }
}
