using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Health.Overview;
using Portal.Features.Health.Self;

namespace Portal.Tests.Portal.Health;

[Collection(PortalCollection.Name)]
public class HealthApiTests(PortalFixture fixture)
{
    [Fact]
    public async Task Status_OfARunningPortal_HasAStateForEachPart()
    {
        var report = await fixture.Portal.Http.GetFromJsonAsync<JsonObject>("/api/v1/status");

        var items = report!["items"]!.AsArray().Select(item => ((string?)item!["group"], (string?)item["name"], (string?)item["status"])).ToList();
        Assert.Equal(
            ["Operator", "Watches", "Admission and certificates", "Database", "Usage", "Publishing", "Audit", "This process"], items.Select(item => item.Item1).Distinct());
        Assert.Contains(("Operator", "Queue of flow", "Ready"), items);
        Assert.Contains(("Watches", "All kinds", "Ready"), items);
        Assert.Contains(("Admission and certificates", "Embedded API server", "Ready"), items);
        Assert.Contains(("Database", "Portal database", "Ready"), items.Select(item => item with { Item3 = item.Item3 == "Degraded" ? "Ready" : item.Item3 }));
        Assert.DoesNotContain(fixture.Portal.DataDirectory, report.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifest_OfAFlow_IsAFileWithoutManagedFields()
    {
        using var response = await fixture.Portal.Http.GetAsync("/api/v1/namespaces/demo/resources/flow/support-reply/manifest");

        var yaml = await response.Content.ReadAsStringAsync();
        Assert.Equal(("application/yaml", "support-reply.yaml"), (response.Content.Headers.ContentType?.MediaType, response.Content.Headers.ContentDisposition?.FileName));
        Assert.Contains("kind: Flow", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("managedFields", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/demo/resources/Secret/demo-credentials/manifest")]
    [InlineData("/api/v1/namespaces/demo/resources/Flow/none/manifest")]
    [InlineData("/api/v1/namespaces/demo/pods/none/log")]
    public async Task Download_OfWhatIsNotThere_IsNotFound(string path)
    {
        using var response = await fixture.Portal.Http.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Log_OfAFlowsPod_IsAFile()
    {
        var pod = fixture.Portal.Services.GetRequiredService<global::Portal.Features.Flows.FlowDirectory>().PodsOf("Flow", "demo", "support-reply")[^1].Name;

        using var response = await fixture.Portal.Http.GetAsync($"/api/v1/namespaces/demo/pods/{pod}/log");

        Assert.Equal(("text/plain", $"{pod}.log"), (response.Content.Headers.ContentType?.MediaType, response.Content.Headers.ContentDisposition?.FileName));
        Assert.Contains("Listening on ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Board_OfARunningPortal_HasItsFlows() =>
        Assert.Contains(fixture.Portal.Services.GetRequiredService<FlowBoard>().List("demo"), row => row is { Key: "Flow/support-reply", Model: "demo/echo-stream" });

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(5L << 40, "5 TiB")]
    public void Bytes_Size_IsForPeople(long bytes, string expected) => Assert.Equal(expected, Bytes.Text(bytes));
}
