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

    // What of cert-manager the chart uses.
    private const string Certificates = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: certificates.cert-manager.io}
        spec:
          group: cert-manager.io
          scope: Namespaced
          names: {kind: Certificate, listKind: CertificateList, plural: certificates, singular: certificate}
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
                      required: [issuerRef, secretName]
                      properties:
                        secretName: {type: string}
                        dnsNames: {type: array, items: {type: string}}
                        issuerRef: {type: object, required: [name], properties: {name: {type: string}, kind: {type: string}, group: {type: string}}}
        """;

    private const string Issuers = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: issuers.cert-manager.io}
        spec:
          group: cert-manager.io
          scope: Namespaced
          names: {kind: Issuer, listKind: IssuerList, plural: issuers, singular: issuer}
          versions:
            - name: v1
              served: true
              storage: true
              schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {selfSigned: {type: object}}}}}}
        """;

    private static readonly ResourceDefinition[] s_others =
    [
        new("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors", true),
        new("cert-manager.io", "v1", "Certificate", "certificates", true),
        new("cert-manager.io", "v1", "Issuer", "issuers", true),
    ];

    private static readonly WriteOptions s_trial = new() { Manager = new FieldManager("helm"), DryRun = true, FieldValidation = "Strict" };
    private static readonly WriteOptions s_apply = new() { Manager = new FieldManager("helm"), FieldValidation = "Strict" };

    private TestApi _api = null!;
    private KubeClient _client = null!;

    public async Task InitializeAsync()
    {
        _api = await TestApi.StartAsync();
        _client = new KubeClient(_api.Server.Connection);
        foreach (var definition in (string[])[ServiceMonitors, Certificates, Issuers])
        {
            await ApplyAsync(HelmChart.ReadYaml(definition), s_apply);
        }

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
        var definition = BuiltInResources.All().Select(row => row.Definition).Concat(s_others)
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
