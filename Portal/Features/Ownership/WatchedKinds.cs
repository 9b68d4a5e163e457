using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;

namespace Portal.Features.Ownership;

/// <summary>A kind whose changes are recorded, whoever makes them.</summary>
/// <param name="Subscribe">Tells of every change with the object before and after; first of all objects there are.</param>
/// <param name="List">All objects that are known.</param>
/// <param name="Find">One of them by namespace and name; null when it is not there.</param>
/// <param name="WaitForSync">Until the objects that exist are known.</param>
internal sealed record WatchedKind(
    ResourceDefinition Definition,
    Func<Action<KubeObject?, KubeObject?>, IDisposable> Subscribe,
    Func<IEnumerable<KubeObject>> List,
    Func<string, string, KubeObject?> Find,
    Func<CancellationToken, Task> WaitForSync);

internal static class WatchedKinds
{
    public static IReadOnlyList<WatchedKind> Of(InformerFactory informers) =>
    [
        Of<Prompt>(informers), Of<Tool>(informers), Of<Model>(informers), Of<PluginConfig>(informers),
        Of<Flow>(informers), Of<FlowSet>(informers), Of<Dataset>(informers), Of<Eval>(informers),
    ];

    private static WatchedKind Of<T>(InformerFactory informers) where T : KubeObject, IKubeKind<T>
    {
        var informer = informers.Get<T>();
        return new WatchedKind(
            T.Definition,
            handler => informer.Subscribe(change => handler(change.Before, change.After)),
            () => informer.Store.List(),
            informer.Store.Find,
            informer.WaitForSyncAsync);
    }
}
