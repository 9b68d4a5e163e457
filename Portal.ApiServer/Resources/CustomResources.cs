using System.Collections.Immutable;
using Portal.ApiServer.Resources.Kinds;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Schemas.Cel;
using Portal.ApiServer.Selectors;
using Portal.ApiServer.Tables;
using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Resources;

/// <summary>From a CustomResourceDefinition to the resources it serves.</summary>
internal static class CustomResources
{
    /// <summary>The served versions of a valid CRD.</summary>
    public static ImmutableArray<ServedResource> From(JsonObject crd)
    {
        var spec = crd["spec"]!.AsObject();
        var names = spec["names"]!.AsObject();
        var group = spec["group"]!.ToString();
        var storage = CrdRules.StorageVersion(spec);
        var terminating = crd["metadata"]?["deletionTimestamp"] is not null;
        return [.. spec["versions"]!.AsArray().OfType<JsonObject>()
            .Where(version => version["served"]?.GetValueKind() == JsonValueKind.True)
            .Select(version => Version(crd, spec, names, version, group, $"{group}/{storage}", terminating))];
    }

    private static ServedResource Version(
        JsonObject crd, JsonObject spec, JsonObject names, JsonObject version, string group, string storageApiVersion, bool terminating)
    {
        var definition = new ResourceDefinition(
            group, version["name"]!.ToString(), names["kind"]!.ToString(), names["plural"]!.ToString(), spec["scope"]?.ToString() == "Namespaced");
        var subresources = version["subresources"] as JsonObject;
        var schema = StructuralSchema.ForCustomResource(version["schema"]?["openAPIV3Schema"] as JsonObject);
        return new ServedResource
        {
            Definition = definition,
            Singular = names["singular"]?.ToString() ?? definition.Kind.ToLowerInvariant(),
            ListKind = names["listKind"]?.ToString() ?? definition.Kind + "List",
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            Schema = schema,
            Expressions = CelValidator.Compile(schema, "", []),
            Table = TableConverter.ForCustomResource(version["additionalPrinterColumns"] as JsonArray),
            Rules = ResourceRules.Custom,
            HasStatus = subresources?["status"] is JsonObject,
            Scale = subresources?["scale"] is JsonObject scale
                ? new ScalePaths(scale["specReplicasPath"]!.ToString(), scale["statusReplicasPath"]!.ToString(), scale["labelSelectorPath"]?.ToString())
                : null,
            SelectableFields = SelectableFields.ForCustomResource(version["selectableFields"] as JsonArray),
            StorageApiVersion = storageApiVersion,
            CrdName = crd["metadata"]!["name"]!.ToString(),
            DeprecationWarning = version["deprecated"]?.GetValueKind() == JsonValueKind.True
                ? version["deprecationWarning"]?.ToString() ?? $"{definition.ApiVersion} {definition.Kind} is deprecated" + Replacement(spec, definition)
                : null,
            Terminating = terminating,
        };
    }

    /// <summary>The newer version to use instead, for the warning.</summary>
    private static string Replacement(JsonObject spec, ResourceDefinition definition)
    {
        var newer = (spec["versions"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(version => version["served"]?.GetValueKind() == JsonValueKind.True && version["deprecated"]?.GetValueKind() != JsonValueKind.True)
            .Select(version => version["name"]!.ToString())
            .Where(version => VersionPriority.Comparer.Compare(version, definition.Version) < 0)
            .Order(VersionPriority.Comparer)
            .FirstOrDefault();
        return newer is null ? "" : $"; use {definition.Group}/{newer} {definition.Kind}";
    }

    private static IReadOnlyList<string> Texts(JsonNode? list) => list is JsonArray array ? [.. array.Select(item => item?.ToString() ?? "")] : [];
}
