using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Tests.Helm.Chart;

namespace Portal.Tests.Helm;

/// <summary>What the chart makes is what an API server takes: every object, strictly validated.</summary>
public sealed class ChartApplyTests : IAsyncLifetime
{
    private ChartCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await ChartCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [MemberData(nameof(ChartValues.Sets), MemberType = typeof(ChartValues))]
    public async Task Render_EachSetOfValues_IsTakenByTheServer(string values)
    {
        foreach (var item in HelmChart.Instance.Render(values))
        {
            await _cluster.ApplyAsync(item, dryRun: true);
        }
    }

    [Fact]
    public async Task Render_AppliedAgain_ChangesNothingAndKeepsWhatOthersFilledIn()
    {
        var objects = HelmChart.Instance.Render();
        foreach (var item in objects)
        {
            await _cluster.ApplyAsync(item);
        }

        var configuration = new ResourceDefinition("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false);
        await _cluster.Client.Resource(configuration).JsonPatchAsync(
            null, "genkit-portal-webhook", (JsonArray)JsonNode.Parse("""[{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "Y2E="}]""")!, null,
            new WriteOptions { Manager = FieldManager.Operator }, CancellationToken.None);
        var before = await VersionsAsync();
        foreach (var item in objects)
        {
            await _cluster.ApplyAsync(item);
        }

        Assert.Equal(before, await VersionsAsync());
        async Task<string> VersionsAsync()
        {
            var texts = new List<string>();
            foreach (var kind in (ResourceDefinition[])[configuration, BuiltIn.Deployment, BuiltIn.Service, BuiltIn.CustomResourceDefinition, BuiltIn.Role])
            {
                var list = await _cluster.Client.Resource(kind).ListAsync(kind.Namespaced ? "genkit-portal" : null, null, CancellationToken.None);
                texts.AddRange(list.Items.Select(item => $"{item.Kind} {item.Name} {item.ResourceVersion} {item.Json["webhooks"]?[0]?["clientConfig"]?["caBundle"]}"));
            }

            return string.Join('\n', texts);
        }
    }
}
