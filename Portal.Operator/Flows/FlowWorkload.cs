using System.Security.Cryptography;
using System.Text;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>An object that owns children: makes them with its labels and its owner reference.</summary>
/// <param name="Object">The Flow, FlowSet or Eval.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Label">Label that holds its name on every child.</param>
internal sealed record ChildOwner(KubeObject Object, ResourceDefinition Kind, string Label)
{
    public bool HasSeveralFlows => Label == GenkitApi.FlowSetLabel;

    /// <summary>Such as <c>flow "web"</c>.</summary>
    public string Title() => $"{Kind.Kind.ToLowerInvariant()} {Names.Quoted(Object.Name)}";

    /// <summary>The labels as a selector in text.</summary>
    public string Selector() => string.Join(',', Labels().Select(label => $"{label.Key}={label.Value}"));

    public JsonObject Labels() => new()
    {
        [GenkitApi.ManagedByLabel] = GenkitApi.ManagedByValue,
        [Label] = Object.Name,
    };

    /// <param name="definition">Kind of the child.</param>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its members beside apiVersion, kind and metadata; taken over, not copied.</param>
    /// <param name="annotations">Its annotations; null for none.</param>
    public FlowChild Child(ResourceDefinition definition, string name, JsonObject content, JsonObject? annotations = null)
    {
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = Object.Namespace,
            ["labels"] = Labels(),
            ["ownerReferences"] = new JsonArray(JsonSerializer.SerializeToNode(Reference(), KubernetesJson.Options)),
        };
        if (annotations is not null)
        {
            metadata["annotations"] = annotations;
        }

        var json = new JsonObject { ["apiVersion"] = definition.ApiVersion, ["kind"] = definition.Kind, ["metadata"] = metadata };
        foreach (var (key, value) in content.ToList())
        {
            content.Remove(key);
            json[key] = value;
        }

        return new FlowChild(definition, new KubeObject(json));
    }

    public FlowChild ConfigMap(string name, IEnumerable<KeyValuePair<string, string>> data) => Child(BuiltIn.ConfigMap, name, new JsonObject
    {
        ["data"] = new JsonObject(data.Select(file => KeyValuePair.Create<string, JsonNode?>(file.Key, file.Value))),
    });

    private OwnerReference Reference() => new()
    {
        ApiVersion = Kind.ApiVersion,
        Kind = Kind.Kind,
        Name = Object.Name,
        Uid = Object.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };
}

/// <summary>A volume of a pod, and where its container sees it.</summary>
/// <param name="Name">Name within the pod.</param>
/// <param name="Source">ConfigMap or Secret.</param>
/// <param name="SourceName">Name of the object.</param>
/// <param name="Mounts">Path, and the one file when not all of them.</param>
internal sealed record PodVolume(string Name, ResourceDefinition Source, string SourceName, IReadOnlyList<(string Path, string? SubPath)> Mounts)
{
    /// <summary>The volume of a Secret, mounted as a whole. Its name may be longer than a volume's, and holds dots.</summary>
    public static PodVolume OfSecret(string secret, IEnumerable<string> paths) => new(
        $"s-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 5))}",
        BuiltIn.Secret, secret, [.. paths.Select(path => (path, (string?)null))]);
}

/// <summary>A Flow or a FlowSet as something that runs: image, port, replicas and what its pods mount.</summary>
internal sealed record FlowWorkload
{
    public required ChildOwner Owner { get; init; }

    /// <summary>How to run it.</summary>
    public required RunnerSpec Spec { get; init; }

    /// <summary>Name of the container.</summary>
    public required string Container { get; init; }

    /// <summary>In the order they are written.</summary>
    public required IReadOnlyList<PodVolume> Volumes { get; init; }

    /// <summary>Secret whose keys become variables; null for none.</summary>
    public string? EnvironmentSecret { get; init; }

    /// <summary>Variables that the spec's own may refer to or replace.</summary>
    public required IReadOnlyList<EnvVar> Environment { get; init; }

    /// <summary>Hash of what pods must be replaced for.</summary>
    public required string TemplateHash { get; init; }

    /// <summary>Null when an autoscaler says how many.</summary>
    public required int? Replicas { get; init; }

    public int Port => Spec.Port ?? RunnerSpec.DefaultPort;

    public FlowChild Service() => Owner.Child(BuiltIn.Service, Owner.Object.Name, new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["type"] = Spec.ServiceType ?? "ClusterIP",
            ["selector"] = Owner.Labels(),
            ["ports"] = new JsonArray(new JsonObject
            {
                ["name"] = FlowDeployment.PortName,
                ["port"] = Port,
                ["targetPort"] = Port,
                ["protocol"] = "TCP",
            }),
        },
    });
}
