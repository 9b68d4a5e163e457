using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;

namespace Portal.Operator.Flows;

/// <summary>The objects a Flow consists of, in the order they are applied, and the hash their pods carry.</summary>
internal sealed record RenderedFlow(IReadOnlyList<FlowChild> Children, string ContentHash);

internal sealed record FlowChild(ResourceDefinition Definition, KubeObject Desired);

/// <summary>Makes a Flow's children. Pure: equal inputs give equal objects.</summary>
internal static class FlowRenderer
{
    public static RenderedFlow Render(Flow flow, FlowInputs inputs, FlowFiles files)
    {
        var hash = ContentHash.Of(files, [.. inputs.HeaderSecrets.Append(inputs.Model?.Secret).OfType<KubeObject>()], inputs.Variables);
        return new RenderedFlow(
            [
                .. files.ByKind.Select(set => ConfigMap(flow, ConfigMapName(flow.Name, set.Kind), set.Data)),
                Service(flow),
                FlowDeployment.Render(flow, inputs.Model?.Secret.Name, [.. inputs.HeaderSecrets.Select(secret => secret.Name)], hash),
            ],
            hash);
    }

    public static string ConfigMapName(string flow, string kind) => $"{flow}-{kind}";

    public static JsonObject Labels(Flow flow) => new()
    {
        [GenkitApi.ManagedByLabel] = GenkitApi.ManagedByValue,
        [GenkitApi.FlowLabel] = flow.Name,
    };

    internal static FlowChild Child(Flow flow, ResourceDefinition definition, string name, string bodyKey, JsonObject body) => new(
        definition,
        new KubeObject(new JsonObject
        {
            ["apiVersion"] = definition.ApiVersion,
            ["kind"] = definition.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = flow.Namespace,
                ["labels"] = Labels(flow),
                ["ownerReferences"] = new JsonArray(JsonSerializer.SerializeToNode(Owner(flow), KubernetesJson.Options)),
            },
            [bodyKey] = body,
        }));

    private static OwnerReference Owner(Flow flow) => new()
    {
        ApiVersion = Flow.Definition.ApiVersion,
        Kind = Flow.Definition.Kind,
        Name = flow.Name,
        Uid = flow.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };

    private static FlowChild ConfigMap(Flow flow, string name, IReadOnlyDictionary<string, string> data) => Child(
        flow, BuiltIn.ConfigMap, name, "data", new JsonObject(data.Select(file => KeyValuePair.Create<string, JsonNode?>(file.Key, file.Value))));

    private static FlowChild Service(Flow flow)
    {
        var port = flow.Spec.Port ?? FlowSpec.DefaultPort;
        return Child(flow, BuiltIn.Service, flow.Name, "spec", new JsonObject
        {
            ["type"] = flow.Spec.ServiceType ?? "ClusterIP",
            ["selector"] = Labels(flow),
            ["ports"] = new JsonArray(new JsonObject
            {
                ["name"] = FlowDeployment.PortName,
                ["port"] = port,
                ["targetPort"] = port,
                ["protocol"] = "TCP",
            }),
        });
    }
}
