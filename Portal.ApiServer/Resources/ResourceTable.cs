using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Portal.ApiServer.Resources;

/// <summary>An immutable set of served resources with the look-ups that routing and discovery need.</summary>
internal sealed class ResourceTable
{
    private readonly FrozenDictionary<(string Group, string Version, string Plural), ServedResource> _byPath;

    public ResourceTable(ImmutableArray<ServedResource> resources)
    {
        Resources = resources;
        _byPath = resources.ToFrozenDictionary(
            resource => (resource.Definition.Group, resource.Definition.Version, resource.Definition.Plural));
        Groups = [.. resources.GroupBy(resource => resource.Definition.Group, StringComparer.Ordinal)
            .Select(group => new ApiGroup(
                group.Key,
                [.. group.Select(resource => resource.Definition.Version).Distinct(StringComparer.Ordinal).Order(VersionPriority.Comparer)],
                group.All(resource => resource.IsCustom)))];
    }

    public ImmutableArray<ServedResource> Resources { get; }

    /// <summary>Groups in the order they were registered; the core group has an empty name.</summary>
    public IReadOnlyList<ApiGroup> Groups { get; }

    public ServedResource? Find(string group, string version, string plural) => _byPath.GetValueOrDefault((group, version, plural));

    /// <summary>Any version of a kind, for owner references and scale targets.</summary>
    public ServedResource? FindKind(string group, string kind) =>
        Resources.FirstOrDefault(resource => resource.Definition.Group == group && resource.Definition.Kind == kind);

    public ApiGroup? FindGroup(string group) => Groups.FirstOrDefault(candidate => candidate.Name == group);

    public IEnumerable<ServedResource> In(string group, string version) =>
        Resources.Where(resource => resource.Definition.Group == group && resource.Definition.Version == version);

    /// <summary>One entry for each stored resource, whatever the number of its versions.</summary>
    public IEnumerable<ServedResource> Stored() => Resources.DistinctBy(resource => resource.StorageKey);
}

/// <summary>An API group.</summary>
/// <param name="Name">Group name; empty for core.</param>
/// <param name="Versions">Served versions, the preferred first.</param>
/// <param name="IsCustom">Whether all of it comes from CRDs.</param>
internal sealed record ApiGroup(string Name, IReadOnlyList<string> Versions, bool IsCustom);
