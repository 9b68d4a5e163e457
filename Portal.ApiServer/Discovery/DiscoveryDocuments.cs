using System.Security.Cryptography;
using System.Text;
using Portal.ApiServer.Resources;
using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Discovery;

/// <summary>What is served, as clients ask for it: the legacy documents and the aggregated list (<c>apidiscovery.k8s.io/v2</c>).</summary>
internal static class DiscoveryDocuments
{
    public const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static readonly ResourceDefinition s_scale = new("autoscaling", "v1", "Scale", "scales", true);

    public static JsonObject ApiVersions(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }),
    };

    public static JsonObject GroupList(ResourceTable table) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. table.Groups.Where(group => group.Name.Length > 0).Select(group => (JsonNode)Group(group, inList: true))]),
    };

    public static JsonObject Group(ApiGroup group, bool inList = false)
    {
        var document = inList ? [] : new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        document["name"] = group.Name;
        document["versions"] = new JsonArray([.. group.Versions.Select(version => (JsonNode)Version(group, version))]);
        document["preferredVersion"] = Version(group, group.Versions[0]);
        return document;
    }

    public static JsonObject Resources(ResourceTable table, string group, string version)
    {
        var resources = new JsonArray();
        foreach (var resource in table.In(group, version).OrderBy(resource => resource.Definition.Plural, StringComparer.Ordinal))
        {
            resources.Add(Resource(resource));
            foreach (var (name, subresource) in Subresources(resource))
            {
                var entry = new JsonObject { ["name"] = $"{resource.Definition.Plural}/{name}", ["singularName"] = "", ["namespaced"] = resource.Namespaced };
                if (subresource.Type is { } type)
                {
                    entry["group"] = type.Group;
                    entry["version"] = type.Version;
                }

                entry["kind"] = subresource.Kind;
                entry["verbs"] = Texts(subresource.Verbs);
                resources.Add(entry);
            }
        }

        var document = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0)
        {
            document["apiVersion"] = "v1";
        }

        document["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}";
        document["resources"] = resources;
        return document;
    }

    /// <summary>The aggregated list of the core group, or of all others.</summary>
    public static JsonObject Aggregated(ResourceTable table, bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. table.Groups.Where(group => (group.Name.Length == 0) == core).Select(group => (JsonNode)new JsonObject
        {
            ["metadata"] = group.Name.Length == 0 ? [] : new JsonObject { ["name"] = group.Name },
            ["versions"] = new JsonArray([.. group.Versions.Select(version => (JsonNode)new JsonObject
            {
                ["version"] = version,
                ["resources"] = new JsonArray([.. table.In(group.Name, version).OrderBy(resource => resource.Definition.Plural, StringComparer.Ordinal)
                    .Select(resource => (JsonNode)AggregatedResource(resource))]),
                ["freshness"] = "Current",
            })]),
        })]),
    };

    private static JsonObject AggregatedResource(ServedResource resource)
    {
        var entry = new JsonObject
        {
            ["resource"] = resource.Definition.Plural,
            ["responseKind"] = ResponseKind(resource.Definition.Group, resource.Definition.Version, resource.Definition.Kind),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = Texts(resource.Verbs),
        };
        AddNames(entry, resource);
        var subresources = Subresources(resource).Select(item => (JsonNode)new JsonObject
        {
            ["subresource"] = item.Name,
            ["responseKind"] = ResponseKind(
                (item.Subresource.Type ?? resource.Definition).Group, (item.Subresource.Type ?? resource.Definition).Version, item.Subresource.Kind),
            ["verbs"] = Texts(item.Subresource.Verbs),
        }).ToArray();
        if (subresources.Length > 0)
        {
            entry["subresources"] = new JsonArray(subresources);
        }

        return entry;
    }

    private static JsonObject Resource(ServedResource resource)
    {
        var entry = new JsonObject
        {
            ["name"] = resource.Definition.Plural,
            ["singularName"] = resource.Singular,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Definition.Kind,
            ["verbs"] = Texts(resource.Verbs),
        };
        AddNames(entry, resource);
        if (resource.Verbs.Contains("list"))
        {
            // Opaque to clients: it only has to change with the stored form.
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{resource.StorageKey}/{resource.StorageApiVersion}/{resource.Definition.Kind}"));
            entry["storageVersionHash"] = Convert.ToBase64String(hash.AsSpan(0, 8));
        }

        return entry;
    }

    private static IEnumerable<(string Name, Subresource Subresource)> Subresources(ServedResource resource)
    {
        foreach (var subresource in resource.Subresources)
        {
            yield return (subresource.Name, subresource);
        }

        if (resource.Scale is not null)
        {
            yield return ("scale", new Subresource("scale", "Scale", BuiltInResources.SubresourceVerbs, s_scale));
        }

        if (resource.HasStatus)
        {
            yield return ("status", new Subresource("status", resource.Definition.Kind, BuiltInResources.SubresourceVerbs));
        }
    }

    private static void AddNames(JsonObject entry, ServedResource resource)
    {
        if (resource.ShortNames.Count > 0)
        {
            entry["shortNames"] = Texts(resource.ShortNames);
        }

        if (resource.Categories.Count > 0)
        {
            entry["categories"] = Texts(resource.Categories);
        }
    }

    private static JsonObject Version(ApiGroup group, string version) => new() { ["groupVersion"] = $"{group.Name}/{version}", ["version"] = version };

    private static JsonObject ResponseKind(string group, string version, string kind) =>
        new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
