using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.ApiServer.Schemas;

public sealed class ServedDefaultsTests
{
    [Fact]
    public async Task Create_SparseDeployment_ComesBackWithDependentDefaults()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var server = await KubeApiServer.StartAsync(new ApiServerOptions(), TimeProvider.System, NullLoggerFactory.Instance, timeout.Token);
        var deployments = new KubeClient(server.Connection).Resource(BuiltIn.Deployment);
        var sparse = (JsonObject)JsonNode.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"default"},"spec":{"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"m","image":"example.org/m:1"}]}}}}
            """)!;

        var created = await deployments.CreateAsync(new KubeObject(sparse), null, timeout.Token);

        Assert.Equal("25%", created.Json["spec"]!["strategy"]!["rollingUpdate"]!["maxUnavailable"]!.ToString());
        Assert.Equal("IfNotPresent", created.Json["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"]!.ToString());
    }
}
