using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Portal.ApiServer;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator;
using Portal.Operator.Flows;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Tests.Helm.Chart;
using Portal.Tests.Portal;

namespace Portal.Tests.Helm;

/// <summary>Each process of a release, with the variables and the service account the chart gives it, does its work and is refused nothing.</summary>
public sealed class ShippedAccessTests : IAsyncLifetime
{
    private const string Secret = """
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys", "namespace": "shop"}, "stringData": {"DEMO_API_KEY": "any"}}
        """;

    private const string Plugin = """
        {"apiVersion": "genkit.dev/v1alpha1", "kind": "PluginConfig", "metadata": {"name": "demo", "namespace": "shop"}, "spec": {"type": "demo", "credentialsRef": {"name": "keys"}}}
        """;

    private const string Web = """
        {
          "apiVersion": "genkit.dev/v1alpha1", "kind": "Flow", "metadata": {"name": "web", "namespace": "shop", "labels": {"tier": "gold"}},
          "spec": {
            "image": "x", "modelSpec": {"provider": "demo", "model": "echo-stream", "pluginConfigRef": {"name": "demo"}},
            "prompts": [{"prompt": {"name": "p", "content": "Hello"}}], "podDisruptionBudget": {}, "autoscaling": {"maxReplicas": 2}, "ingress": {"host": "web.example.com"}
          }
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("shipped-");
    private ChartCluster _cluster = null!;

    private string AuditFile => Path.Combine(_folder.FullName, "audit.log");

    public async Task InitializeAsync() => _cluster = await ChartCluster.StartAsync(new ApiServerOptions { SecurePort = 0, Audit = new AuditOptions(AuditFile) });

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("logLevel: Warning", "genkit-portal", true, true)]
    [InlineData("operator: {separate: true}", "genkit-portal-operator", true, false)]
    [InlineData("operator: {separate: true}", "genkit-portal", false, true)]
    [InlineData(ChartValues.Namespaced, "genkit-portal-operator", true, false)]
    public async Task Process_AsItsAccount_DoesItsWorkAndIsRefusedNothing(string values, string deployment, bool reconciles, bool serves)
    {
        var release = HelmChart.Instance.Render(values + "\nadmission: {webhook: {enabled: false}}");
        foreach (var item in release.OrderBy(item => (string)item["kind"]! == "CustomResourceDefinition" ? 0 : 1))
        {
            await _cluster.ApplyAsync(item);
        }

        await _cluster.ApplyAsync((JsonObject)JsonNode.Parse(Secret)!);
        await _cluster.Client.Resource<PluginConfig>().CreateAsync(PluginConfig.FromJson((JsonObject)JsonNode.Parse(Plugin)!), null, CancellationToken.None);
        var pod = release.Single(item => (string)item["kind"]! == "Deployment" && (string)item["metadata"]!["name"]! == deployment)["spec"]!["template"]!["spec"]!;
        await using (var process = await PortalApplication.StartAsync(await ArgumentsAsync(pod), null, CancellationToken.None))
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = process.Address };
            await process.Services.GetRequiredService<OperatorHost>().WaitUntilRunningAsync(CancellationToken.None).WaitAsync(RunningPortal.Patience);
            await process.Services.GetRequiredService<InformerFactory>().WaitForSyncAsync(CancellationToken.None).WaitAsync(RunningPortal.Patience);
            Assert.Equal("ok", await http.GetStringAsync("/readyz"));
            await _cluster.Client.Resource<Flow>().CreateAsync(Flow.FromJson((JsonObject)JsonNode.Parse(Web)!), null, CancellationToken.None);
            if (reconciles)
            {
                await Wait.UntilAsync(
                    _cluster.Client.Resource(BuiltIn.Deployment), "shop", "web", item => item is not null, RunningPortal.Patience, TimeProvider.System, CancellationToken.None);
                await Wait.UntilAsync(
                    _cluster.Client.Resource<Flow>(), "shop", "web", item => item?.FindCondition("Ready") is not null, RunningPortal.Patience, TimeProvider.System, CancellationToken.None);
            }

            if (serves)
            {
                var published = await http.PostAsJsonAsync("/api/v1/namespaces/shop/prompts/greeting/publish", new { content = "Hello" });
                Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
                Assert.NotNull(await _cluster.Client.Resource<Prompt>().FindAsync("shop", "greeting", CancellationToken.None));
            }
        }

        var account = $"system:serviceaccount:genkit-portal:{pod["serviceAccountName"]}";
        var requests = (await File.ReadAllLinesAsync(AuditFile)).Select(line => JsonNode.Parse(line)!).Where(line => (string?)line["user"]?["username"] == account).ToList();
        Assert.NotEmpty(requests);
        Assert.DoesNotContain(requests, line => (int?)line["responseStatus"]?["code"] == 403);
    }

    // As in the pod, but for where it listens, keeps its data and finds the cluster: by the account's own token.
    private async Task<string[]> ArgumentsAsync(JsonNode pod)
    {
        var account = (string)pod["serviceAccountName"]!;
        var answer = await _cluster.Api.SendAsync(
            "POST", $"/api/v1/namespaces/genkit-portal/serviceaccounts/{account}/token", new JsonObject { ["spec"] = new JsonObject() }, HttpStatusCode.Created);
        var lines = _cluster.Api.Server.Kubeconfig!.Split('\n')
            .Select(line => line.Trim().StartsWith("token:", StringComparison.Ordinal) ? $"    token: {answer["status"]!["token"]}" : line)
            .Select(line => line.Replace("namespace: default", "namespace: genkit-portal", StringComparison.Ordinal));
        var kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
        await File.WriteAllLinesAsync(kubeconfig, lines);
        string[] own = ["ASPNETCORE_URLS", "Portal__ManagementPort", "Portal__DataDirectory", "Portal__Cluster__Mode"];
        var variables = ((JsonArray)pod["containers"]![0]!["env"]!).Where(variable => !own.Contains((string)variable!["name"]!))
            .Select(variable => $"--{((string)variable!["name"]!).Replace("__", ":", StringComparison.Ordinal)}={variable["value"]}");
        return
        [
            .. variables, "--urls=http://127.0.0.1:0", $"--Portal:DataDirectory={Path.Combine(_folder.FullName, "data")}",
            "--Portal:Cluster:Mode=kubeconfig", $"--Portal:Cluster:Kubeconfig={kubeconfig}",
        ];
    }
}
