using Portal.ApiServer;
using Portal.ApiServer.Resources;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Tests.ApiServer;
using Portal.Tests.Helm.Chart;

namespace Portal.Tests.Helm;

/// <summary>A server with what the chart needs beside itself: its namespaces, and the kinds of others that it uses.</summary>
internal sealed class ChartCluster : IAsyncDisposable
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

    private static readonly WriteOptions s_apply = new() { Manager = new FieldManager("helm"), FieldValidation = "Strict" };

    private ChartCluster(TestApi api) => (Api, Client) = (api, new KubeClient(api.Server.Connection));

    public TestApi Api { get; }

    public KubeClient Client { get; }

    public static async Task<ChartCluster> StartAsync(ApiServerOptions? options = null)
    {
        var cluster = new ChartCluster(await TestApi.StartAsync(options));
        foreach (var definition in (string[])[ServiceMonitors, Certificates, Issuers])
        {
            await cluster.ApplyAsync(HelmChart.ReadYaml(definition));
        }

        foreach (var name in (string[])["genkit-portal", "shop", "team-a"])
        {
            await cluster.ApplyAsync(HelmChart.ReadYaml($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}"));
        }

        return cluster;
    }

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    /// <summary>Server-side apply, strictly validated; a refusal fails the test with the object.</summary>
    public async Task ApplyAsync(JsonObject item, bool dryRun = false)
    {
        var (apiVersion, kind) = ((string)item["apiVersion"]!, (string)item["kind"]!);
        var definition = BuiltInResources.All().Select(row => row.Definition).Concat(s_others).Single(row => row.ApiVersion == apiVersion && row.Kind == kind);
        try
        {
            await Client.Resource(definition).ApplyAsync(new KubeObject(item), s_apply with { DryRun = dryRun }, CancellationToken.None);
        }
        catch (KubernetesException exception)
        {
            Assert.Fail($"{kind} {item["metadata"]!["name"]} is refused: {exception.Message}\n{item.ToJsonString()}");
        }
    }
}
