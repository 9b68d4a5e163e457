using System.Globalization;
using System.Text;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>Where processes of this machine reach the cluster's API server.</summary>
/// <param name="Server">An https address.</param>
/// <param name="AuthorityFile">The authority that signed its certificate, in PEM.</param>
internal sealed record ApiServerAccess(Uri Server, string AuthorityFile);

/// <summary>What a pod is given to speak to the API server as its service account: files in its tree, and variables that say where they are.</summary>
internal static class PodAccount
{
    /// <summary>Where a kubelet puts the files, and the variable that tells a process without a container wall where they are.</summary>
    private const string MountPath = "var/run/secrets/kubernetes.io/serviceaccount";
    private const string DirectoryVariable = "GENKIT_SERVICE_ACCOUNT_DIR";
    private const int LifetimeSeconds = 3600;

    /// <returns>The variables; none for a pod that asks for no account.</returns>
    /// <exception cref="KubernetesException">There is no such account.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> PrepareAsync(
        KubeObject pod, PodSpec spec, string fileSystem, PodEnvironment shared, CancellationToken cancellationToken)
    {
        if (spec.ServiceAccountName is not { Length: > 0 } account || spec.AutomountServiceAccountToken == false || shared.ApiServer is not { } access)
        {
            return new Dictionary<string, string>();
        }

        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject { ["expirationSeconds"] = LifetimeSeconds },
        };
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(pod.Namespace!)}/serviceaccounts/{Uri.EscapeDataString(account)}/token";
        var answer = await shared.Client.SendJsonAsync(HttpMethod.Post, path, request, "application/json", cancellationToken);
        var directory = Path.Combine(fileSystem, MountPath);
        DataDirectory.CreatePrivate(directory);
        DataDirectory.WritePrivate(Path.Combine(directory, "token"), Encoding.UTF8.GetBytes(answer["status"]?["token"]?.ToString() ?? ""));
        DataDirectory.WritePrivate(Path.Combine(directory, "ca.crt"), await File.ReadAllBytesAsync(access.AuthorityFile, cancellationToken));
        DataDirectory.WritePrivate(Path.Combine(directory, "namespace"), Encoding.UTF8.GetBytes(pod.Namespace!));
        return new Dictionary<string, string>
        {
            ["KUBERNETES_SERVICE_HOST"] = access.Server.Host,
            ["KUBERNETES_SERVICE_PORT"] = access.Server.Port.ToString(CultureInfo.InvariantCulture),
            [DirectoryVariable] = directory,
        };
    }
}
