using System.Collections.Concurrent;
using Portal.Features.Flows;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;

namespace Portal.Features.Health.Overview;

/// <summary>
/// The lines of all Flows and FlowSets. A line is made anew only after something it is made of has changed, so that thousands of them cost little however often they
/// are asked for. Thread-safe.
/// </summary>
public sealed class FlowBoard : IDisposable
{
    private readonly FlowDirectory _directory;
    private readonly ConcurrentDictionary<Key, int> _versions = new();
    private readonly ConcurrentDictionary<Key, Line> _lines = new();
    private readonly ConcurrentDictionary<string, int> _parts = new(StringComparer.Ordinal);
    private readonly IDisposable[] _subscriptions;

    public FlowBoard(FlowDirectory directory)
    {
        _directory = directory;
        _subscriptions =
        [
            directory.Flows.Subscribe(change => Forget(Flow.Definition.Kind, change)),
            directory.FlowSets.Subscribe(change => Forget(FlowSet.Definition.Kind, change)),
            directory.Pods.Subscribe(ForgetOwner),
            directory.Models.Subscribe(change => ForgetAll(change.Object)),
            directory.PluginConfigs.Subscribe(change => ForgetAll(change.Object)),
            directory.Prompts.Subscribe(change => ForgetAll(change.Object)),
            directory.Tools.Subscribe(change => ForgetAll(change.Object)),
            directory.Secrets.Subscribe(change => ForgetAll(change.Object)),
        ];
    }

    /// <summary>The lines of a namespace, or of all, by name.</summary>
    public IReadOnlyList<FlowRow> List(string? @namespace = null) =>
    [
        .. _directory.Flows.Store.List(@namespace).Select(flow => RowOf(Flow.Definition.Kind, flow)),
        .. _directory.FlowSets.Store.List(@namespace).Select(set => RowOf(FlowSet.Definition.Kind, set)),
    ];

    public void Dispose() => Array.ForEach(_subscriptions, subscription => subscription.Dispose());

    private FlowRow RowOf(string kind, KubeObject item)
    {
        // The versions are read first: what changes meanwhile makes the line old at once.
        var key = new Key(kind, item.Namespace ?? "", item.Name);
        var version = (_versions.GetValueOrDefault(key), _parts.GetValueOrDefault(key.Namespace));
        if (_lines.TryGetValue(key, out var known) && ReferenceEquals(known.Item, item) && known.Version == version)
        {
            return known.Row;
        }

        var row = FlowRow.Of(item, _directory);
        _lines[key] = new Line(item, version, row);
        return row;
    }

    private void ForgetOwner(StoreChange<KubeObject> change)
    {
        foreach (var (kind, name) in FlowDirectory.OwnersOf(change.Object))
        {
            _versions.AddOrUpdate(new Key(kind, change.Object.Namespace ?? "", name), 1, static (_, version) => version + 1);
        }
    }

    private void Forget<T>(string kind, StoreChange<T> change) where T : KubeObject
    {
        if (change.After is null)
        {
            var key = new Key(kind, change.Object.Namespace ?? "", change.Object.Name);
            _lines.TryRemove(key, out _);
            _versions.TryRemove(key, out _);
        }

        if (change.Before is null || change.After is null)
        {
            // Tools name flows.
            ForgetAll(change.Object);
        }
    }

    /// <summary>Whatever names this object is in its namespace.</summary>
    private void ForgetAll(KubeObject part) => _parts.AddOrUpdate(part.Namespace ?? "", 1, static (_, version) => version + 1);

    private readonly record struct Key(string Kind, string Namespace, string Name);

    private sealed record Line(KubeObject Item, (int, int) Version, FlowRow Row);
}
