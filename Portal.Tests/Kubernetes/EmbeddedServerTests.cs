using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;
using Portal.Kubernetes.Discovery;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes;

/// <summary>Client and runtime against a whole server over in-memory pipes.</summary>
public sealed class EmbeddedServerTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("embedded-server").FullName;
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));
    private KubeApiServer _server = null!;

    private KubeClient Client => new(_server.Connection);
    private Resource<KubeObject> ConfigMaps => Client.Resource(BuiltIn.ConfigMap);

    public async Task InitializeAsync() => _server = await KubeApiServer.StartAsync(
        new ApiServerOptions { SecurePort = 0, CertificateDirectory = _folder },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        default);

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Verbs_RoundTrip()
    {
        var created = await ConfigMaps.CreateAsync(Map("a", "1"), null, _stop.Token);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => ConfigMaps.CreateAsync(Map("a", "1"), null, _stop.Token))).IsAlreadyExists);
        var changed = created.DeepClone();
        changed.Json["data"]!["k"] = "2";
        var replaced = await ConfigMaps.ReplaceAsync(changed, null, _stop.Token);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => ConfigMaps.ReplaceAsync(changed, null, _stop.Token))).IsConflict);
        Assert.NotEqual(created.ResourceVersion, replaced.ResourceVersion);
        var merged = await ConfigMaps.MergePatchAsync("default", "a", new JsonObject { ["data"] = new JsonObject { ["k"] = "3" } }, null, null, _stop.Token);
        Assert.Equal("3", merged.Json["data"]!["k"]!.ToString());
        var patched = await ConfigMaps.JsonPatchAsync(
            "default", "a", [new JsonObject { ["op"] = "replace", ["path"] = "/data/k", ["value"] = "4" }], null, null, _stop.Token);
        Assert.Equal("4", patched.Json["data"]!["k"]!.ToString());
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() =>
            ConfigMaps.DeleteAsync("default", "a", new DeleteOptions { PreconditionUid = "other" }, _stop.Token))).IsConflict);
        Assert.True(await ConfigMaps.DeleteAsync("default", "a", null, _stop.Token));
        Assert.False(await ConfigMaps.DeleteAsync("default", "a", null, _stop.Token));
        Assert.Null(await ConfigMaps.FindAsync("default", "a", _stop.Token));
    }

    [Fact]
    public async Task ApplyAsync_AnotherOwnersField_ConflictsUntilForced()
    {
        await ConfigMaps.ApplyAsync(Map("a", "portal"), new WriteOptions { Manager = FieldManager.Portal }, _stop.Token);
        var exception = await Assert.ThrowsAsync<KubernetesException>(() =>
            ConfigMaps.ApplyAsync(Map("a", "operator"), new WriteOptions { Manager = FieldManager.Operator }, _stop.Token));
        Assert.True(exception.IsConflict);
        var forced = await ConfigMaps.ApplyAsync(Map("a", "operator"), new WriteOptions { Manager = FieldManager.Operator, Force = true }, _stop.Token);
        Assert.Equal("operator", forced.Json["data"]!["k"]!.ToString());
    }

    [Fact]
    public async Task ListAllAsync_SmallPages_GivesEveryObjectOnce()
    {
        for (var i = 0; i < 7; i++)
        {
            await ConfigMaps.CreateAsync(Map($"page-{i}", "x"), null, _stop.Token);
        }

        var names = await ConfigMaps.ListAllAsync("default", new ListOptions { Limit = 3 }, _stop.Token).Select(item => item.Name).ToListAsync(_stop.Token);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"page-{i}"), names.Where(name => name.StartsWith("page-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task FindAsync_KindNotServed_Throws()
    {
        var unknown = new ResourceDefinition("genkit.test", "v1", "Thing", "things", true);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => Client.Resource(unknown).FindAsync("default", "a", _stop.Token))).IsKindMissing);
        Assert.Empty(await ApiDiscovery.GetResourcesAsync(Client, "genkit.test", "v1", _stop.Token));
        Assert.Contains(BuiltIn.ConfigMap, await ApiDiscovery.GetResourcesAsync(Client, "", "v1", _stop.Token));
        Assert.StartsWith("v1.", await ApiDiscovery.GetVersionAsync(Client, _stop.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_CancelledWhileNothingHappens_EndsAtOnce()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var opened = new TaskCompletionSource();
        var watch = Task.Run(async () =>
        {
            await foreach (var change in ConfigMaps.WatchAsync(null, null, cancel.Token))
            {
                opened.TrySetResult();
            }
        });
        await ConfigMaps.CreateAsync(Map("a", "x"), null, _stop.Token);
        await opened.Task.WaitAsync(ManualTimeProvider.Patience);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch.WaitAsync(ManualTimeProvider.Patience));
    }

    [Fact]
    public async Task Informer_ManyWriters_EndsEqualToTheServer()
    {
        var factory = new InformerFactory(Client, null, TimeProvider.System, NullLoggerFactory.Instance);
        var informer = factory.Get(BuiltIn.ConfigMap);
        var replayed = new ConcurrentDictionary<string, string>();
        informer.Subscribe(change => Replay(replayed, change));
        var running = factory.RunAsync(_stop.Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteAsync(writer))));
        await ConfigMaps.CreateAsync(Map("last", "x"), null, _stop.Token);
        await SeenAsync(informer, "last");
        var expected = await ConfigMaps.ListAllAsync(null, null, _stop.Token).ToDictionaryAsync(Key, item => item.ResourceVersion, cancellationToken: _stop.Token);
        Assert.Equal(expected, informer.Store.List().ToDictionary(Key, item => item.ResourceVersion));
        Assert.Equal(expected, replayed.ToDictionary());
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Controller_ChildDeleted_IsMadeAgain()
    {
        var factory = new InformerFactory(Client, null, TimeProvider.System, NullLoggerFactory.Instance);
        var parents = factory.Get(BuiltIn.ConfigMap);
        var children = factory.Get(BuiltIn.Secret);
        var controller = new Controller("children", new ChildReconciler(parents, Client.Resource(BuiltIn.Secret)), 2, TimeProvider.System, NullLogger.Instance)
            .For(parents).Owns(children, "", "ConfigMap");
        var running = Task.WhenAll(factory.RunAsync(_stop.Token), controller.RunAsync(_stop.Token));
        await ConfigMaps.CreateAsync(Map("parent", "x"), null, _stop.Token);
        var secrets = Client.Resource(BuiltIn.Secret);
        var child = await WaitAsync(secrets, "parent", item => item is not null);
        await secrets.DeleteAsync("default", "parent", null, _stop.Token);
        await WaitAsync(secrets, "parent", item => item is not null && item.Uid != child!.Uid);
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Finalizers_HoldTheObjectUntilRemoved()
    {
        var item = await ConfigMaps.CreateAsync(Map("held", "x"), null, _stop.Token);
        item = await Finalizers.AddAsync(ConfigMaps, item, "genkit.test/one", _stop.Token);
        item = await Finalizers.AddAsync(ConfigMaps, item, "genkit.test/two", _stop.Token);
        await ConfigMaps.DeleteAsync("default", "held", null, _stop.Token);
        item = (await Finalizers.RemoveAsync(ConfigMaps, item, "genkit.test/one", _stop.Token))!;
        Assert.Equal(["genkit.test/two"], item.Finalizers);
        Assert.NotNull((await ConfigMaps.FindAsync("default", "held", _stop.Token))!.DeletionTimestamp);
        await Finalizers.RemoveAsync(ConfigMaps, item, "genkit.test/two", _stop.Token);
        Assert.Null(await ConfigMaps.FindAsync("default", "held", _stop.Token));
        Assert.Null(await Finalizers.RemoveAsync(ConfigMaps, item, "genkit.test/two", _stop.Token));
    }

    [Fact]
    public async Task Finalizers_AddedAtTheSameTime_AreAllThere()
    {
        var item = await ConfigMaps.CreateAsync(Map("busy", "x"), null, _stop.Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Finalizers.AddAsync(ConfigMaps, item, $"genkit.test/f{i}", _stop.Token)));
        Assert.Equal(4, (await ConfigMaps.GetAsync("default", "busy", _stop.Token)).Finalizers.Count);
    }

    [Fact]
    public async Task LeaderElector_HandsOver()
    {
        using var stopFirst = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var (firstLeads, secondLeads) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = Elector("a").RunAsync(token => LeadAsync(firstLeads, token), stopFirst.Token);
        await firstLeads.Task.WaitAsync(ManualTimeProvider.Patience);
        var second = Elector("b").RunAsync(token => LeadAsync(secondLeads, token), _stop.Token);
        Assert.False(secondLeads.Task.IsCompleted);
        await stopFirst.CancelAsync();
        await first;
        await secondLeads.Task.WaitAsync(ManualTimeProvider.Patience);
        await _stop.CancelAsync();
        await second;
    }

    [Fact]
    public async Task EventRecorder_Repeats_AreCountedOnTheServer()
    {
        var about = await ConfigMaps.CreateAsync(Map("about", "x"), null, _stop.Token);
        var recorder = new EventRecorder(Client, "genkit-operator", TimeProvider.System);
        recorder.Record(about, "Normal", "Applied", "m");
        var events = Client.Resource(BuiltIn.Event);
        var options = new ListOptions { FieldSelector = $"involvedObject.uid={about.Uid}" };
        await foreach (var change in events.WatchAsync("default", new WatchOptions { FieldSelector = options.FieldSelector }, _stop.Token))
        {
            if (change.Type == WatchEventType.Added)
            {
                break;
            }
        }

        recorder.Record(about, "Normal", "Applied", "m");
        await recorder.DisposeAsync();
        var list = await events.ListAsync("default", options, _stop.Token);
        Assert.Equal("2", Assert.Single(list.Items).Json["count"]!.ToString());
    }

    [Fact]
    public async Task Kubeconfig_OverTls_IsTrustedOnlyWithItsAuthority()
    {
        var connection = KubeConnectionFactory.FromKubeConfig(KubeConfig.Parse(_server.Kubeconfig!, Path.Combine(_folder, "kubeconfig")), null, TimeProvider.System);
        var client = new KubeClient(connection);
        Assert.NotEmpty((await client.Resource(BuiltIn.Namespace).ListAsync(null, null, _stop.Token)).Items);
        connection.Handler.Dispose();

        var cluster = $"clusters: [{{name: c, cluster: {{server: '{_server.SecureAddress}'}}}}]\ncontexts: [{{name: x, context: {{cluster: c}}}}]";
        var stranger = KubeConnectionFactory.FromKubeConfig(KubeConfig.Parse(cluster, "/stranger"), null, TimeProvider.System);
        var exception = await Assert.ThrowsAsync<KubeUnreachableException>(() => new KubeClient(stranger).GetJsonAsync("/version", _stop.Token));
        Assert.Contains("certificate", exception.Message, StringComparison.Ordinal);
        stranger.Handler.Dispose();
    }

    [Fact]
    public async Task KubeUnreachable_NothingListens_SaysSo()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var text = $"clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\ncontexts: [{{name: x, context: {{cluster: c}}}}]";
        var connection = KubeConnectionFactory.FromKubeConfig(KubeConfig.Parse(text, "/config"), null, TimeProvider.System);
        var exception = await Assert.ThrowsAsync<KubeUnreachableException>(() => ApiDiscovery.GetVersionAsync(new KubeClient(connection), _stop.Token));
        Assert.Equal($"Cannot reach the API server http://127.0.0.1:{port}: Connection refused (127.0.0.1:{port})", exception.Message);
        connection.Handler.Dispose();
    }

    private async Task WriteAsync(int writer)
    {
        for (var i = 0; i < 40; i++)
        {
            var name = $"w{writer}-{i % 5}";
            await ConfigMaps.ApplyAsync(Map(name, $"{i}"), new WriteOptions { Manager = FieldManager.Local, Force = true }, _stop.Token);
            if (i % 7 == 6)
            {
                await ConfigMaps.DeleteAsync("default", name, null, _stop.Token);
            }
        }
    }

    private async Task SeenAsync(Informer<KubeObject> informer, string name)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = informer.Subscribe(change =>
        {
            if (change.Object.Name == name)
            {
                seen.TrySetResult();
            }
        });
        await seen.Task.WaitAsync(_stop.Token);
    }

    private static void Replay(ConcurrentDictionary<string, string> replayed, StoreChange<KubeObject> change)
    {
        var consistent = change.Kind switch
        {
            ChangeKind.Added => replayed.TryAdd(Key(change.Object), change.Object.ResourceVersion),
            ChangeKind.Modified => replayed.TryUpdate(Key(change.Object), change.After!.ResourceVersion, change.Before!.ResourceVersion),
            _ => replayed.TryRemove(Key(change.Object), out _),
        };
        if (!consistent)
        {
            replayed["inconsistent"] = $"{change.Kind} {change.Object.Name}";
        }
    }

    private Task<KubeObject?> WaitAsync(Resource<KubeObject> resource, string name, Func<KubeObject?, bool> predicate) =>
        Wait.UntilAsync(resource, "default", name, predicate, ManualTimeProvider.Patience, TimeProvider.System, _stop.Token);

    private LeaderElector Elector(string identity) => new(
        Client,
        new LeaderElectorOptions { Namespace = "default", Name = "lead", Identity = identity, RetryPeriod = TimeSpan.FromMilliseconds(100) },
        TimeProvider.System,
        NullLogger.Instance);

    private static async Task LeadAsync(TaskCompletionSource leads, CancellationToken cancellationToken)
    {
        leads.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static string Key(KubeObject item) => $"{item.Namespace}/{item.Name}";

    private static KubeObject Map(string name, string value) => new(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["data"] = new JsonObject { ["k"] = value },
    });

    private sealed class ChildReconciler(Informer<KubeObject> parents, Resource<KubeObject> secrets) : IReconciler
    {
        public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
        {
            if (parents.Store.Find(key.Namespace, key.Name) is { Name: "parent" } parent)
            {
                var child = new KubeObject(new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["name"] = parent.Name,
                        ["namespace"] = parent.Namespace,
                        ["ownerReferences"] = new JsonArray(new JsonObject
                        {
                            ["apiVersion"] = "v1",
                            ["kind"] = "ConfigMap",
                            ["name"] = parent.Name,
                            ["uid"] = parent.Uid,
                            ["controller"] = true,
                        }),
                    },
                });
                await secrets.ApplyAsync(child, new WriteOptions { Manager = FieldManager.Operator, Force = true }, cancellationToken);
            }

            return ReconcileResult.Done;
        }
    }
}
