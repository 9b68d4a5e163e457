using System.Collections.Concurrent;
using Portal.ApiServer.OpenApi;
using Portal.ApiServer.Resources;

namespace Portal.ApiServer.Discovery;

/// <summary>OpenAPI v3 of what is served, kept until the served resources change.</summary>
internal sealed class OpenApiCatalog(ResourceRegistry registry)
{
    private Edition? _edition;

    public JsonObject Index()
    {
        var edition = Current();
        return OpenApiDocuments.Index(edition.Keys.Keys.Order(StringComparer.Ordinal).Select(key => KeyValuePair.Create(key, edition.Document(key)!)));
    }

    /// <summary>The document of a group version, or null; <paramref name="key"/> is as <see cref="OpenApiDocuments.Key"/> makes it.</summary>
    public byte[]? Document(string key) => Current().Document(key);

    private Edition Current()
    {
        var table = registry.Table;
        var edition = _edition;
        if (edition is null || !ReferenceEquals(edition.Table, table))
        {
            _edition = edition = new Edition(table, edition);
        }

        return edition;
    }

    private sealed class Edition
    {
        private readonly ConcurrentDictionary<string, byte[]> _documents = new(StringComparer.Ordinal);

        public Edition(ResourceTable table, Edition? previous)
        {
            Table = table;
            Keys = table.Groups.SelectMany(group => group.Versions.Select(version => (group.Name, Version: version)))
                .ToDictionary(item => OpenApiDocuments.Key(item.Name, item.Version), item => item, StringComparer.Ordinal);
            foreach (var (key, (group, version)) in Keys)
            {
                // Most groups are the same as before one CRD changed.
                if (previous is not null && previous.Keys.ContainsKey(key) && previous._documents.TryGetValue(key, out var document)
                    && previous.Table.In(group, version).SequenceEqual(table.In(group, version)))
                {
                    _documents[key] = document;
                }
            }
        }

        public ResourceTable Table { get; }

        public Dictionary<string, (string Group, string Version)> Keys { get; }

        public byte[]? Document(string key) => Keys.TryGetValue(key, out var place)
            ? _documents.GetOrAdd(key, _ => OpenApiDocuments.Document(place.Group, place.Version, Table.In(place.Group, place.Version).Select(Describe)))
            : null;

        private static OpenApiResource Describe(ServedResource resource) => new()
        {
            Definition = resource.Definition,
            Schema = resource.Schema,
            ListKind = resource.ListKind,
            HasStatus = resource.HasStatus,
            HasScale = resource.Scale is not null,
            BuiltIn = !resource.IsCustom,
        };
    }
}
