using System.ComponentModel;
using System.Reflection;
using Portal.Kubernetes.Objects;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;

namespace Portal.Operator.Manifests;

/// <summary>CustomResourceDefinitions generated from the kinds. A kind is listed here only when a controller serves it.</summary>
public static class CrdManifests
{
    /// <summary>New objects on every read, ordered by name.</summary>
    public static IReadOnlyList<JsonObject> All =>
    [
        Build<Dataset>(), Build<Eval>(), Build<FlowSet>(), Build<Flow>(), Build<Model>(), Build<PluginConfig>(), Build<Prompt>(), Build<Tool>(),
    ];

    internal static JsonObject Build<T>() where T : KubeObject, IKubeKind<T>
    {
        var type = typeof(T);
        var definition = T.Definition;
        var resource = type.GetCustomAttribute<CustomResourceAttribute>()
            ?? throw new InvalidOperationException($"{type} has no [CustomResource].");
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"{definition.Plural}.{definition.Group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = definition.Group,
                ["names"] = new JsonObject
                {
                    ["kind"] = definition.Kind,
                    ["listKind"] = definition.Kind + "List",
                    ["plural"] = definition.Plural,
                    ["shortNames"] = new JsonArray(resource.ShortName),
                    ["singular"] = resource.Singular,
                },
                ["scope"] = definition.Namespaced ? "Namespaced" : "Cluster",
                ["versions"] = new JsonArray(Version(type, definition.Version)),
            },
        };
    }

    private static JsonObject Version(Type type, string version) => new()
    {
        ["name"] = version,
        ["served"] = true,
        ["storage"] = true,
        ["additionalPrinterColumns"] = new JsonArray([.. type.GetCustomAttributes<PrintColumnAttribute>().Select(column => new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["jsonPath"] = column.JsonPath,
        })]),
        ["schema"] = new JsonObject { ["openAPIV3Schema"] = Root(type) },
        ["subresources"] = Subresources(type),
    };

    private static JsonObject Subresources(Type type)
    {
        var subresources = new JsonObject { ["status"] = new JsonObject() };
        if (type.IsDefined(typeof(ScaleSubresourceAttribute)))
        {
            subresources["scale"] = new JsonObject
            {
                ["specReplicasPath"] = ScaleSubresourceAttribute.SpecReplicasPath,
                ["statusReplicasPath"] = ScaleSubresourceAttribute.StatusReplicasPath,
                ["labelSelectorPath"] = ScaleSubresourceAttribute.SelectorPath,
            };
        }

        return subresources;
    }

    private static JsonObject Root(Type type)
    {
        var arguments = type.BaseType!.GetGenericArguments();
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = type.GetCustomAttribute<DescriptionAttribute>()?.Description,
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = Text("Group and version of the API this object is written in."),
                ["kind"] = Text("Kind of the object."),
                ["metadata"] = new JsonObject { ["type"] = "object" },
                ["spec"] = Described(SchemaBuilder.Build(arguments[0]), "What is wanted."),
                ["status"] = Described(SchemaBuilder.Build(arguments[1]), "What there is, as the operator saw it last."),
            },
            ["required"] = new JsonArray("spec"),
        };
    }

    private static JsonObject Described(JsonObject schema, string description)
    {
        schema.Insert(1, "description", description);
        return schema;
    }

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };
}
