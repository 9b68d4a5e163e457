using System.Globalization;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Runner.Contract;

namespace Portal.Operator.FlowSets;

/// <summary>Makes a FlowSet's children of those of its flows that can be served. Pure: equal inputs give equal objects.</summary>
internal static class FlowSetRenderer
{
    private static readonly (string Prefix, string Kind, string Path, bool IsFile)[] s_mounts =
    [
        ("p", "prompts", RuntimeLayout.PromptsDirectory, false),
        ("t", "tools", RuntimeLayout.ToolsDirectory, false),
        ("c", "config", RuntimeLayout.ConfigFile, true),
    ];

    /// <param name="set">The FlowSet.</param>
    /// <param name="members">Its flows that have content, in the order of the spec; at least one.</param>
    /// <param name="variables">Values the container's variables take from elsewhere.</param>
    /// <param name="defaults">Variables that every runner has, unless the spec says otherwise.</param>
    /// <param name="replicas">Null leaves them to an autoscaler.</param>
    public static RenderedFlow Render(
        FlowSet set, IReadOnlyList<FlowSetMember> members, IReadOnlyList<KeyValuePair<string, string>> variables, IReadOnlyList<EnvVar> defaults, int? replicas)
    {
        var manifest = FlowFiles.Render(new FlowManifest
        {
            Flows = [.. members.Select(member => new FlowManifestEntry { Name = member.Flow.Name, Entrypoint = member.Content!.Entrypoint, Dir = member.Directory })],
        });
        var hash = ContentHash.Of(
            [.. members.Select(member => KeyValuePair.Create($"flows/{member.Flow.Name}/", member.Content!.Files))],
            [.. members.SelectMany(member => member.Content!.Secrets)],
            [KeyValuePair.Create(RuntimeLayout.ManifestFile, manifest), .. variables]);
        var port = (set.Spec.Port ?? RunnerSpec.DefaultPort).ToString(CultureInfo.InvariantCulture);
        var owner = OwnerOf(set);
        var workload = new FlowWorkload
        {
            Owner = owner,
            Spec = set.Spec,
            Container = GenkitApi.FlowSetContainer,
            Volumes = Volumes(set, members),
            Environment = [new() { Name = RuntimeLayout.PortVariable, Value = port }, new() { Name = RuntimeLayout.FlowSetNameVariable, Value = set.Name }, .. defaults],
            TemplateHash = set.Spec.IsHot ? ContentHash.Of([], [], variables) : hash,
            Replicas = replicas,
        };
        return new RenderedFlow(
            [
                owner.ConfigMap(ManifestName(set), [KeyValuePair.Create(RuntimeLayout.ManifestFile, manifest)]),
                .. members.SelectMany(member => member.Content!.Files.ByKind.Select(files => owner.ConfigMap(ConfigMapName(set, member.Flow.Name, files.Kind), files.Data))),
                workload.Service(),
                .. FlowExposure.Render(workload),
                FlowDeployment.Render(workload),
            ],
            hash,
            ContentDigest.Of(members.SelectMany(member => member.Content!.Files.ByPath($"{RuntimeLayout.FlowsDirectory}/{member.Flow.Name}/"))
                .Append(KeyValuePair.Create(RuntimeLayout.ManifestFile, manifest))));
    }

    public static ChildOwner OwnerOf(FlowSet set) => new(set, FlowSet.Definition, GenkitApi.FlowSetLabel);

    public static string ManifestName(FlowSet set) => $"{set.Name}-manifest";

    public static string ConfigMapName(FlowSet set, string flow, string kind) => $"{set.Name}-{flow}-{kind}";

    /// <summary>Sorted by name, whatever the order of the flows.</summary>
    private static List<PodVolume> Volumes(FlowSet set, IReadOnlyList<FlowSetMember> members)
    {
        // A single mounted file never changes in a running pod, so those that must do are mounted with their folder.
        (string, string?) File(string folder, string name) => set.Spec.IsHot ? (folder, null) : ($"{folder}/{name}", name);

        var volumes = new List<PodVolume>
        {
            new("genkit-manifest", BuiltIn.ConfigMap, ManifestName(set), [File(RuntimeLayout.DefaultRoot, RuntimeLayout.ManifestFile)]),
        };
        volumes.AddRange(members.SelectMany(member => s_mounts.Select(mount => new PodVolume(
            $"{mount.Prefix}-{member.Flow.Name}", BuiltIn.ConfigMap, ConfigMapName(set, member.Flow.Name, mount.Kind),
            [mount.IsFile ? File(member.Directory, mount.Path) : ($"{member.Directory}/{mount.Path}", null)]))));
        var credentials = members.Select(member => (Secret: member.Content!.Credentials.Name, Path: member.CredentialsDirectory));
        var headers = members.SelectMany(member => member.Content!.HeaderSecrets).Select(secret => (Secret: secret.Name, Path: ToolDescriptor.HeadersDirectory(secret.Name)));
        volumes.AddRange(credentials.Concat(headers).Distinct().GroupBy(mount => mount.Secret, mount => mount.Path, StringComparer.Ordinal)
            .Select(secret => PodVolume.OfSecret(secret.Key, secret)));
        volumes.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return volumes;
    }
}
