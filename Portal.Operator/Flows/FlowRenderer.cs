using System.Globalization;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>The objects a Flow consists of, in the order they are applied, and the hash their pods carry.</summary>
/// <param name="Children">The objects.</param>
/// <param name="ContentHash">Hash of all that pods read.</param>
/// <param name="Digest">Digest of the files alone, as a runner computes it of those it has.</param>
internal sealed record RenderedFlow(IReadOnlyList<FlowChild> Children, string ContentHash, string Digest)
{
    /// <summary>Always the last child.</summary>
    public KubeObject Deployment => Children[^1].Desired;
}

internal sealed record FlowChild(ResourceDefinition Definition, KubeObject Desired);

/// <summary>Makes a Flow's children. Pure: equal inputs give equal objects.</summary>
internal static class FlowRenderer
{
    private static readonly (string Volume, string Kind, string MountPath)[] s_volumes =
    [
        ("genkit-prompts", "prompts", $"{RuntimeLayout.DefaultRoot}/{RuntimeLayout.PromptsDirectory}"),
        ("genkit-tools", "tools", $"{RuntimeLayout.DefaultRoot}/{RuntimeLayout.ToolsDirectory}"),
        ("genkit-config", "config", RuntimeLayout.DefaultRoot),
    ];

    /// <param name="flow">The Flow.</param>
    /// <param name="inputs">What it refers to.</param>
    /// <param name="files">What its pods read.</param>
    /// <param name="replicas">Null leaves them to an autoscaler.</param>
    public static RenderedFlow Render(Flow flow, FlowInputs inputs, FlowFiles files, int? replicas)
    {
        var hash = ContentHash.Of(files, [.. inputs.HeaderSecrets.Append(inputs.Model?.Secret).OfType<KubeObject>()], inputs.Variables);
        var workload = new FlowWorkload
        {
            Owner = OwnerOf(flow),
            Spec = flow.Spec,
            Container = GenkitApi.FlowContainer,
            Volumes =
            [
                .. s_volumes.Select(volume => new PodVolume(volume.Volume, BuiltIn.ConfigMap, ConfigMapName(flow.Name, volume.Kind), [(volume.MountPath, null)])),
                .. inputs.HeaderSecrets.Select(secret => PodVolume.OfSecret(secret.Name, [ToolDescriptor.HeadersDirectory(secret.Name)])),
            ],
            EnvironmentSecret = inputs.Model?.Secret.Name,
            Environment =
            [
                new() { Name = RuntimeLayout.PortVariable, Value = (flow.Spec.Port ?? RunnerSpec.DefaultPort).ToString(CultureInfo.InvariantCulture) },
                new() { Name = RuntimeLayout.FlowNameVariable, Value = flow.Name },
                .. inputs.Defaults,
            ],
            TemplateHash = flow.Spec.IsHot ? ContentHash.Of([], [.. new[] { inputs.Model?.Secret }.OfType<KubeObject>()], inputs.Variables) : hash,
            Replicas = replicas,
        };
        return new RenderedFlow(
            [
                .. files.ByKind.Select(set => workload.Owner.ConfigMap(ConfigMapName(flow.Name, set.Kind), set.Data)),
                workload.Service(),
                .. FlowExposure.Render(workload),
                FlowDeployment.Render(workload),
            ],
            hash,
            ContentDigest.Of(files.ByPath("")));
    }

    public static string ConfigMapName(string flow, string kind) => $"{flow}-{kind}";

    public static ChildOwner OwnerOf(Flow flow) => new(flow, Flow.Definition, GenkitApi.FlowLabel);
}
