using Portal.ApiServer.Resources;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Tests.ApiServer;
using Portal.Tests.Helm.Chart;

namespace Portal.Tests.Helm;

/// <summary>What the chart makes is what an API server takes: every object, strictly validated.</summary>
public sealed class ChartApplyTests : IAsyncLifetime
{
    private const string ServiceMonitors = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: servicemonitors.monitoring.coreos.com}
        spec:
          group: monitoring.coreos.com
          scope: Namespaced
          names: {kind: ServiceMonitor, listKind: ServiceMonitorList, plural: servicemonitors, singular: servicemonitor}
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec:
                      type: object
                      required: [selector, endpoints]
                      properties:
                        selector: {type: object, properties: {matchLabels: {type: object, additionalProperties: {type: string}}}}
                        endpoints:
                          type: array
                          items: {type: object, properties: {port: {type: string}, path: {type: string}, interval: {type: string}}}
        """;

    private static readonly WriteOptions s_trial = new() { Manager = new FieldManager("helm"), DryRun = true, FieldValidation = "Strict" };
    private static readonly WriteOptions s_apply = new() { Manager = new FieldManager("helm"), FieldValidation = "Strict" };

    private TestApi _api = null!;
    private KubeClient _client = null!;

    public async Task InitializeAsync()
    {
        _api = await TestApi.StartAsync();
        _client = new KubeClient(_api.Server.Connection);
        await ApplyAsync(HelmChart.ReadYaml(ServiceMonitors), s_apply);
        foreach (var name in (string[])["genkit-portal", "shop", "team-a"])
        {
            await ApplyAsync(HelmChart.ReadYaml($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}"), s_apply);
        }
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [MemberData(nameof(ChartValues.Sets), MemberType = typeof(ChartValues))]
    public async Task Render_EachSetOfValues_IsTakenByTheServer(string values)
    {
        foreach (var item in HelmChart.Instance.Render(values))
        {
            await ApplyAsync(item, s_trial);
        }
    }

    private async Task ApplyAsync(JsonObject item, WriteOptions options)
    {
        var (apiVersion, kind) = ((string)item["apiVersion"]!, (string)item["kind"]!);
        var definition = BuiltInResources.All().Select(row => row.Definition).Append(new ResourceDefinition("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors", true))
            .Single(row => row.ApiVersion == apiVersion && row.Kind == kind);
        try
        {
            await _client.Resource(definition).ApplyAsync(new KubeObject(item), options, CancellationToken.None);
        }
        catch (KubernetesException exception)
        {
            Assert.Fail($"{kind} {item["metadata"]!["name"]} is refused: {exception.Message}\n{item.ToJsonString()}");
        }
    }
}
