using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>A controller that runs as a service account with a ClusterRole of its own, over TLS, as in a cluster.</summary>
public sealed class LeastPrivilegeTests : IAsyncLifetime
{
    private const string Rules = """
        [
          {"apiGroups":[""],"resources":["configmaps"],"verbs":["get","list","watch"]},
          {"apiGroups":[""],"resources":["secrets"],"verbs":["create","patch","get"]}
        ]
        """;

    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));
    private TestApi _api = null!;
    private KubeConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _api = await TestApi.StartAsync(new ApiServerOptions { SecurePort = 0 });
        await Rbac.GrantAsync(_api, "ServiceAccount/default/default", Rules);
        var answer = await _api.SendAsync(
            "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", new JsonObject { ["spec"] = new JsonObject() }, HttpStatusCode.Created);
        var administrator = _api.Server.Kubeconfig!.Split("token: ")[1].Split('\n')[0];
        var kubeconfig = _api.Server.Kubeconfig!.Replace(administrator, (string)answer["status"]!["token"]!, StringComparison.Ordinal);
        _connection = KubeConnectionFactory.FromKubeConfig(KubeConfig.Parse(kubeconfig, "/kubeconfig"), null, TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        _connection.Handler.Dispose();
        await _api.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Controller_WithExactlyItsRole_Works_AndNothingElseIsAllowed()
    {
        var client = new KubeClient(_connection);
        var factory = new InformerFactory(client, null, TimeProvider.System, NullLoggerFactory.Instance);
        var sources = factory.Get(BuiltIn.ConfigMap);
        var copier = new Copier(sources, client.Resource(BuiltIn.Secret));
        var controller = new Controller("copies", copier, 2, TimeProvider.System, NullLogger.Instance).For(sources);
        var running = Task.WhenAll(factory.RunAsync(_stop.Token), controller.RunAsync(_stop.Token));

        await _api.SendAsync("POST", TestApi.ConfigMaps, TestApi.ConfigMap("source"), HttpStatusCode.Created);
        await Wait.UntilAsync(
            new KubeClient(_api.Server.Connection).Resource(BuiltIn.Secret), "default", "source", found => found is not null,
            ManualTimeProvider.Patience, TimeProvider.System, _stop.Token);

        await ForbiddenAsync(() => client.Resource(BuiltIn.Secret).ListAsync("default", null, _stop.Token));
        await ForbiddenAsync(() => client.Resource(BuiltIn.Secret).DeleteAsync("default", "source", null, _stop.Token));
        await ForbiddenAsync(() => client.Resource(BuiltIn.Pod).ListAsync("default", null, _stop.Token));
        await ForbiddenAsync(() => client.Resource(BuiltIn.ConfigMap).DeleteAsync("default", "source", null, _stop.Token));
        await ForbiddenAsync(() => client.Resource(BuiltIn.Namespace).ListAsync(null, null, _stop.Token));
        await _stop.CancelAsync();
        await running;
    }

    private static async Task ForbiddenAsync(Func<Task> request) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<KubernetesException>(request)).StatusCode);

    /// <summary>Makes a Secret of the same name beside the ConfigMap <c>source</c>.</summary>
    private sealed class Copier(Informer<KubeObject> sources, Resource<KubeObject> copies) : IReconciler
    {
        public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
        {
            if (sources.Store.Find(key.Namespace, key.Name) is { Name: "source" } source)
            {
                var copy = new JsonObject { ["metadata"] = new JsonObject { ["name"] = source.Name, ["namespace"] = source.Namespace } };
                await copies.ApplyAsync(new KubeObject(copy), new WriteOptions { Manager = FieldManager.Operator, Force = true }, cancellationToken);
            }

            return ReconcileResult.Done;
        }
    }
}
