using System.Text;
using Portal.Kubernetes.Configuration;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>How to run a credential plugin (<c>users[].user.exec</c> of a kubeconfig).</summary>
internal sealed record ExecSettings
{
    private static readonly string[] s_versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

    public required string ApiVersion { get; init; }
    public required string Command { get; init; }
    public required IReadOnlyList<string> Arguments { get; init; }
    public required IReadOnlyDictionary<string, string> Environment { get; init; }
    public required string Folder { get; init; }

    /// <summary>What the plugin is told of the cluster; null when it does not ask (<c>provideClusterInfo</c>).</summary>
    public JsonObject? Cluster { get; init; }
    public string? InstallHint { get; init; }

    /// <summary>Where it is configured, for errors.</summary>
    public required Func<string, Exception?, KubeConfigException> Error { get; init; }

    public static ExecSettings Read(ConfigNode exec, ConfigNode cluster)
    {
        var version = exec.Require("apiVersion");
        if (!s_versions.Contains(version))
        {
            throw exec.Error("apiVersion", $"must be {string.Join(" or ", s_versions)}.");
        }

        if (exec.Text("interactiveMode") == "Always")
        {
            throw exec.Error("interactiveMode", "is Always, but there is no terminal to ask at.");
        }

        // A bare name is looked up in PATH, anything else is relative to the kubeconfig.
        var command = exec.Require("command");
        return new ExecSettings
        {
            ApiVersion = version,
            Command = command.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(command, exec.Folder) : command,
            Arguments = exec.Texts("args"),
            Environment = exec.Items("env").ToDictionary(entry => entry.Require("name"), entry => entry.Text("value") ?? "", StringComparer.Ordinal),
            Folder = exec.Folder,
            Cluster = exec.Flag("provideClusterInfo") ? Describe(cluster) : null,
            InstallHint = exec.Text("installHint"),
            Error = (problem, inner) => exec.Error("command", problem, inner),
        };
    }

    private static JsonObject Describe(ConfigNode cluster)
    {
        var info = new JsonObject { ["server"] = cluster.Require("server") };
        foreach (var field in new[] { "tls-server-name", "proxy-url" })
        {
            if (cluster.Text(field) is { } text)
            {
                info[field] = text;
            }
        }

        if (cluster.Flag("insecure-skip-tls-verify"))
        {
            info["insecure-skip-tls-verify"] = true;
        }

        if (cluster.Content("certificate-authority") is { } authority)
        {
            info["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority));
        }

        return info;
    }
}
