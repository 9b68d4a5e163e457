using System.Diagnostics.CodeAnalysis;

namespace Portal.Runner.Providers;

/// <summary>The providers there are: one line each.</summary>
public sealed class ProviderCatalog(IEnumerable<IModelProvider> providers)
{
    private readonly Dictionary<string, IModelProvider> _providers = providers.ToDictionary(provider => provider.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<string> Names => [.. _providers.Keys.Order(StringComparer.Ordinal)];

    public bool TryGet(string type, [NotNullWhen(true)] out IModelProvider? provider) => _providers.TryGetValue(type, out provider);

    /// <summary>All providers of this build, sending through <paramref name="client"/>.</summary>
    public static ProviderCatalog Create(HttpClient client, TimeProvider timeProvider) => new([]);
}
