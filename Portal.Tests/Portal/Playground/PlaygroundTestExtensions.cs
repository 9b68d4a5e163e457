using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;
using Portal.Tests.Operator;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Portal.Playground;

internal static class PlaygroundTestExtensions
{
    public static FakeProvider Named(this FakeProvider provider, string name) =>
        new(provider.StreamAsync) { Name = name, DefaultCredentialKeys = provider.DefaultCredentialKeys };

    /// <summary>Waits until the informers show the objects of <paramref name="manifests"/>, and are filled at all.</summary>
    public static async Task UntilSeenAsync(this OperatorFixture fixture, TestNamespace place, params string[] manifests)
    {
        await UntilSeenAsync(fixture.Informers.Get<Prompt>(), place, "Prompt", manifests);
        await UntilSeenAsync(fixture.Informers.Get<Flow>(), place, "Flow", manifests);
        await UntilSeenAsync(fixture.Informers.Get<Model>(), place, "Model", manifests);
        await UntilSeenAsync(fixture.Informers.Get<PluginConfig>(), place, "PluginConfig", manifests);
        await UntilSeenAsync(fixture.Informers.Get<Tool>(), place, "Tool", manifests);
        await UntilSeenAsync(fixture.Informers.Get(BuiltIn.Secret), place, "Secret", manifests);
        await fixture.Informers.Get(BuiltIn.Namespace).UntilAsync(store => store.Find(null, place.Name) is not null);
    }

    /// <summary>Waits until the informer's store satisfies the condition.</summary>
    public static async Task UntilAsync<T>(this Informer<T> informer, Func<ObjectStore<T>, bool> condition) where T : KubeObject
    {
        await informer.WaitForSyncAsync(CancellationToken.None).WaitAsync(RunningPortal.Patience);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = informer.Subscribe(_ =>
        {
            if (condition(informer.Store))
            {
                seen.TrySetResult();
            }
        });
        if (condition(informer.Store))
        {
            seen.TrySetResult();
        }

        await seen.Task.WaitAsync(RunningPortal.Patience);
    }

    private static Task UntilSeenAsync<T>(Informer<T> informer, TestNamespace place, string kind, string[] manifests) where T : KubeObject
    {
        var names = manifests.SelectMany(TestManifests.Read).Where(item => (string?)item["kind"] == kind)
            .Select(item => (string)item["metadata"]!["name"]!).ToList();
        return informer.UntilAsync(store => names.TrueForAll(name => store.Find(place.Name, name) is not null));
    }
}
