using System.Collections.Immutable;

namespace Portal.ApiServer.Resources;

/// <summary>What is served right now: built-ins and established CRDs. Readers see one consistent table; changes swap it.</summary>
internal sealed class ResourceRegistry
{
    private readonly Lock _lock = new();
    private readonly ImmutableArray<ServedResource> _builtIns;
    private readonly SortedDictionary<string, ImmutableArray<ServedResource>> _custom = new(StringComparer.Ordinal);
    private volatile ResourceTable _table;

    public ResourceRegistry(IEnumerable<ServedResource> builtIns)
    {
        _builtIns = [.. builtIns];
        _table = new ResourceTable(_builtIns);
    }

    public ResourceTable Table => _table;

    /// <summary>Serves the versions of one CRD in place of those it had; none takes it away.</summary>
    public void Set(string crdName, ImmutableArray<ServedResource> versions)
    {
        lock (_lock)
        {
            if (versions.IsEmpty)
            {
                _custom.Remove(crdName);
            }
            else
            {
                _custom[crdName] = versions;
            }

            _table = new ResourceTable([.. _builtIns, .. _custom.Values.SelectMany(served => served)]);
        }
    }
}
