using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Features.Audit;

namespace Portal.Tests.Portal.Audit;

[Collection(PortalCollection.Name)]
public sealed class AuditApiTests(PortalFixture fixture)
{
    [Fact]
    public async Task Api_RowOfAnObject_IsListedExportedAndVerified()
    {
        var name = $"api-{Guid.NewGuid():N}";
        var log = fixture.Portal.Services.GetRequiredService<AuditLog>();
        await log.RecordAsync(new AuditEntry(new Actor("user:ada", "Ada", ActorKind.User), "draft.saved", "Prompt", "team", name, AuditResult.Succeeded,
            new JsonObject { ["content"] = "a" }, new JsonObject { ["content"] = "=b" }, Reason: "=1+1"), default);

        var list = await fixture.Portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/audit?name={name}");
        var item = Assert.Single(list!["items"]!.AsArray())!;
        Assert.Equal(("draft.saved", "Ada", "content"), ((string?)item["action"], (string?)item["actor"]!["name"], (string?)item["changes"]![0]!["path"]));

        using var lines = await fixture.Portal.Http.GetAsync($"/api/v1/audit/export?name={name}");
        Assert.Equal("application/x-ndjson", lines.Content.Headers.ContentType!.MediaType);
        var line = JsonNode.Parse((await lines.Content.ReadAsStringAsync()).Trim())!;
        Assert.Equal((string?)item["hash"], (string?)line["hash"]);

        var csv = await fixture.Portal.Http.GetStringAsync($"/api/v1/audit/export?format=csv&name={name}");
        Assert.StartsWith("Sequence,At,ActorId,ActorName", csv, StringComparison.Ordinal);
        Assert.Contains("\"'=1+1\"", csv, StringComparison.Ordinal);

        using var verified = await fixture.Portal.Http.PostAsync("/api/v1/audit/verify", null);
        Assert.True((bool)JsonNode.Parse(await verified.Content.ReadAsStringAsync())!["isIntact"]!);
    }

    [Theory]
    [InlineData("/api/v1/audit?result=perhaps", "result must be one of")]
    [InlineData("/api/v1/audit?limit=0", "limit must be from 1 to 1000")]
    [InlineData("/api/v1/audit/export?format=xml", "format must be jsonl or csv")]
    public async Task Api_Nonsense_IsRefusedWithTheField(string path, string expected)
    {
        using var response = await fixture.Portal.Http.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_HeadThatNobodySigned_IsTold()
    {
        using var nonsense = await fixture.Portal.Http.PostAsJsonAsync("/api/v1/audit/verify", new { hello = "world" });
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);

        using var forged = await fixture.Portal.Http.PostAsJsonAsync("/api/v1/audit/verify",
            new { kind = "head", sequence = 1, hash = new string('0', 64), at = "2030-01-01 00:00:00", keyId = "x", signature = "AAAA" });
        Assert.Equal("Head", (string?)JsonNode.Parse(await forged.Content.ReadAsStringAsync())!["problem"]!["kind"]);
    }
}
