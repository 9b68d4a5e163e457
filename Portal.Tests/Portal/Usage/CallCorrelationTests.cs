using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Tests.Portal.Usage;

/// <summary>From the id of one call to all that belongs to it.</summary>
[Collection(PortalCollection.Name)]
public sealed class CallCorrelationTests(PortalFixture fixture)
{
    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _name = "trace-" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task Call_ItsId_LeadsToTraceLogUsageRevisionAndRelease()
    {
        var release = await ReleaseAsync("---\nmodel: demo/echo-stream\n---\nHello");
        await _portal.Client.Resource<Flow>().CreateAsync(new KubeObject(new JsonObject
        {
            ["apiVersion"] = Flow.Definition.ApiVersion,
            ["kind"] = "Flow",
            ["metadata"] = new JsonObject { ["name"] = _name, ["namespace"] = "demo" },
            ["spec"] = new JsonObject
            {
                ["image"] = "genkit-portal/runner",
                ["modelRef"] = new JsonObject { ["name"] = "echo-stream" },
                ["prompts"] = new JsonArray(new JsonObject { ["promptRef"] = new JsonObject { ["name"] = _name } }),
            },
        }), null, CancellationToken.None);
        await _portal.WaitForReadyFlowAsync("demo", _name);
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/flows/demo/{_name}") { Content = JsonContent.Create(new { }) };
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");

        using var answer = await _portal.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var id = answer.Headers.GetValues("x-genkit-call-id").Single();
        var call = await ArrivedAsync(id);
        Assert.Equal((trace, _name, 1, release), ((string?)call["traceId"], (string?)call["prompt"], (int)call["revision"]!, (long)call["release"]!));

        // Each line of the runner about the call has both ids.
        var pod = Assert.Single((await _portal.Client.Resource(BuiltIn.Pod).ListAsync("demo", new ListOptions { LabelSelector = $"genkit.dev/flow={_name}" }, CancellationToken.None)).Items);
        var log = await _portal.Http.GetStringAsync($"/api/v1/namespaces/demo/pods/{pod.Name}/log");
        var lines = log.Split('\n').Where(line => line.Contains(id, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains(trace, line, StringComparison.Ordinal));

        // And the page of the call leads to all of it.
        var page = WebUtility.HtmlDecode(await _portal.Http.GetStringAsync($"/costs/calls/{id}"));
        foreach (var link in new[] { $"/ns/demo/flows/{_name}", $"/ns/demo/prompts/{_name}/history?to=1", $"/approvals/{release}", $"/ns/demo/flows/{_name}?tab=pods&find={id}", trace })
        {
            Assert.Contains(link, page, StringComparison.Ordinal);
        }
    }

    private async Task<long> ReleaseAsync(string content)
    {
        var asked = await SendAsync("ada", "/api/v1/releases", new { @namespace = "demo", objects = new[] { new { name = _name, content } }, message = "Try" });
        var id = (long)asked["id"]!;
        Assert.Equal("Published", (string?)(await SendAsync("ben", $"/api/v1/releases/{id}/approve", new { hash = (string?)asked["hash"], comment = "Fine" }))["status"]);
        return id;
    }

    private async Task<JsonObject> SendAsync(string persona, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("cookie", $"gp-persona={persona}");
        using var answer = await _portal.Http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private async Task<JsonObject> ArrivedAsync(string id)
    {
        await _portal.UntilToldAsync(id);
        return (await _portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/costs/calls/{id}"))!;
    }
}
