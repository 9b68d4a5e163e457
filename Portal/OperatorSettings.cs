using System.Security.Cryptography;
using System.Text;
using Portal.Operator;
using Portal.Operator.Api;
using Portal.Runner.Contract;
using LabelSelector = Portal.Kubernetes.Selectors.LabelSelector;

namespace Portal;

/// <summary>How the operator works, section <c>Portal:Operator</c>.</summary>
public sealed record OperatorSettings
{
    /// <summary>Namespaces to work in, divided by commas; empty for all. Only for role <c>operator</c>.</summary>
    public string Namespaces { get; init; } = "";

    /// <summary>Label selector of the objects to reconcile; null for all.</summary>
    public string? Shard { get; init; }

    /// <summary><c>auto</c> (on, except for the embedded server, which has one operator), <c>true</c> or <c>false</c>.</summary>
    public string LeaderElection { get; init; } = "auto";

    /// <summary>Namespace of the Lease; null means the one of the pod or of the kubeconfig's context.</summary>
    public string? LeaderElectionNamespace { get; init; }

    /// <summary>How long after the leader's last sign of life another one follows.</summary>
    public int LeaseSeconds { get; init; } = 10;

    /// <summary>Whether to apply the CustomResourceDefinitions at start. Where that is not allowed they are waited for.</summary>
    public bool InstallDefinitions { get; init; } = true;

    /// <summary>How many Flows are reconciled at the same time.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>Writes a second at most, after a burst of twice that; 0 for no limit.</summary>
    public int WritesPerSecond { get; init; } = 1000;

    /// <summary>How often everything is looked at without a cause.</summary>
    public int ResyncMinutes { get; init; } = 600;

    /// <summary>Where runners tell what calls used, such as <c>http://genkit-portal.genkit/api/v1/usage</c>; null leaves it to each Flow.</summary>
    public Uri? UsageUrl { get; init; }

    /// <summary>Secret in the namespace of each Flow whose key <c>token</c> is the token for <see cref="UsageUrl"/>; null for none.</summary>
    public string? UsageTokenSecret { get; init; }

    public IReadOnlyList<string> NamespaceList => Namespaces.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public OperatorOptions ToOptions(ProcessRole role, ClusterMode mode) => new()
    {
        InstallDefinitions = InstallDefinitions,
        RunControllers = role != ProcessRole.Portal,
        LeaderElection = bool.TryParse(LeaderElection, out var asked) ? asked : mode != ClusterMode.Embedded,
        LeaderElectionNamespace = LeaderElectionNamespace,
        LeaseDuration = TimeSpan.FromSeconds(LeaseSeconds),
        Shard = LabelSelector.Parse(Shard),
        Share = ShareOf(NamespaceList, Shard),
        Workers = Workers,
        WritesPerSecond = WritesPerSecond,
        Resync = TimeSpan.FromMinutes(ResyncMinutes),
        RunnerVariables = [.. UsageVariables()],
    };

    private IEnumerable<EnvVar> UsageVariables()
    {
        if (UsageUrl is not null)
        {
            yield return new() { Name = RuntimeLayout.UsageUrlVariable, Value = UsageUrl.AbsoluteUri };

            // Without it no budget and no policy of the namespace would concern the runner's calls.
            yield return new() { Name = RuntimeLayout.NamespaceVariable, ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.namespace" } } };
        }

        if (UsageTokenSecret is not null)
        {
            // Optional: a namespace without the Secret has flows that answer and are not counted.
            var key = new KeySelector { Name = UsageTokenSecret, Key = "token", Optional = true };
            yield return new() { Name = RuntimeLayout.UsageTokenVariable, ValueFrom = new() { SecretKeyRef = key } };
        }
    }

    /// <summary>The same for operators with the same namespaces and shard, of which one works.</summary>
    private static string? ShareOf(IReadOnlyList<string> namespaces, string? shard) => namespaces.Count == 0 && string.IsNullOrWhiteSpace(shard)
        ? null
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{string.Join(',', namespaces.Order(StringComparer.Ordinal))};{shard}")).AsSpan(0, 4));
}
