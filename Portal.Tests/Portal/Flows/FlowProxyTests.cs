using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Portal.Embedded.Workloads;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Tests.Portal.Flows;

[Collection(PortalCollection.Name)]
public sealed class FlowProxyTests(PortalFixture fixture)
{
    private readonly RunningPortal _portal = fixture.Portal;

    [Fact]
    public async Task Call_Headers_OnlyTheListedOnesCross()
    {
        IHeaderDictionary? seen = null;
        await using var runner = await FakeRunner.StartAsync(async context =>
        {
            seen = new HeaderDictionary(context.Request.Headers.ToDictionary());
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            context.Response.Headers["x-genkit-call-id"] = "abc";
            context.Response.Headers.SetCookie = "a=b";
            context.Response.Headers["X-Internal"] = "secret";
            await context.Response.WriteAsync($"{context.Request.Path.Value}{context.Request.QueryString}");
        });
        var flow = await FlowAtAsync([runner.Port]);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/flows/demo/{flow}/a%20prompt?stream=true") { Content = JsonContent.Create(new { a = 1 }) };
        foreach (var (name, value) in new[] { ("Cookie", "session=1"), ("Authorization", "Bearer t"), ("X-Forwarded-For", "1.2.3.4"), ("X-Request-Id", "r1"), ("Accept", "text/plain") })
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _portal.Http.SendAsync(request);

        Assert.Equal("/a prompt?stream=true", await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(["Accept", "Content-Length", "Content-Type", "Host", "X-Request-ID"], seen!.Keys.Where(key => key != "traceparent").Order(StringComparer.Ordinal));
        Assert.Equal(("7", "abc"), (response.Headers.GetValues("Retry-After").Single(), response.Headers.GetValues("x-genkit-call-id").Single()));
        Assert.False(response.Headers.Contains("Set-Cookie") || response.Headers.Contains("X-Internal"));
    }

    [Fact]
    public async Task Call_TracesAreSent_TheRunnersSpanIsBelowThePortals()
    {
        string? seen = null;
        await using var runner = await FakeRunner.StartAsync(context =>
        {
            seen = context.Request.Headers.TraceParent;
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var flow = await FlowAtAsync([runner.Port]);
        var trace = ActivityTraceId.CreateRandom();
        var ended = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace && span.OperationName.EndsWith("HttpRequestIn", StringComparison.Ordinal) && span.DisplayName.Contains("flows", StringComparison.Ordinal))
                {
                    ended.TrySetResult(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/flows/demo/{flow}") { Content = JsonContent.Create(new { a = 1 }) };
        request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");

        using var response = await _portal.Http.SendAsync(request);

        var span = await ended.Task.WaitAsync(RunningPortal.Patience);
        Assert.Equal(($"00-{trace}-{span.SpanId}-01", "b7ad6b7169203331"), (seen, span.ParentSpanId.ToHexString()));
        Assert.Equal(("POST /flows/{namespace}/{flow}", 503, ActivityStatusCode.Error), (span.DisplayName, span.GetTagItem("http.response.status_code"), span.Status));
    }

    [Fact]
    public async Task Call_Stream_IsFlushedAsItComes()
    {
        var firstWasRead = new TaskCompletionSource();
        await using var runner = await FakeRunner.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            await firstWasRead.Task;
            await context.Response.WriteAsync("data: 2\n\n");
        });
        using var response = await PostAsync(await FlowAtAsync([runner.Port]));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("data: 1", await reader.ReadLineAsync().WaitAsync(RunningPortal.Patience));
        firstWasRead.SetResult();
        Assert.Equal("\ndata: 2\n\n", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Call_ClientLeaves_TheFlowIsCancelled()
    {
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var runner = await FakeRunner.StartAsync(async context =>
        {
            context.RequestAborted.Register(cancelled.SetResult);
            started.SetResult();
            await cancelled.Task;
        });
        using var leave = new CancellationTokenSource();
        var call = _portal.Http.PostAsJsonAsync($"/flows/demo/{await FlowAtAsync([runner.Port])}", new { }, leave.Token);
        await started.Task.WaitAsync(RunningPortal.Patience);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await cancelled.Task.WaitAsync(RunningPortal.Patience);
    }

    [Fact]
    public async Task Call_FlowBreaksOff_DoesNotLookLikeAWholeAnswer()
    {
        var headWasRead = new TaskCompletionSource();
        await using var runner = await FakeRunner.StartAsync(async context =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            await headWasRead.Task;
            context.Abort();
        });
        using var response = await PostAsync(await FlowAtAsync([runner.Port]));
        headWasRead.SetResult();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Call_FlowBreaksOffBeforeItAnswers_Is502()
    {
        await using var runner = await FakeRunner.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        using var response = await PostAsync(await FlowAtAsync([runner.Port]));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("broke off before it answered", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_OneEndpointIsGone_AnotherAnswers()
    {
        await using var runner = await FakeRunner.StartAsync(context => context.Response.WriteAsync("here"));
        var flow = await FlowAtAsync([RunnerProbe.FreePort(), runner.Port]);

        for (var i = 0; i < 4; i++)
        {
            using var response = await PostAsync(flow);
            Assert.Equal("here", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Call_SeveralEndpoints_TakeTurns()
    {
        await using var one = await FakeRunner.StartAsync(context => context.Response.WriteAsync("1"));
        await using var two = await FakeRunner.StartAsync(context => context.Response.WriteAsync("2"));
        var flow = await FlowAtAsync([one.Port, two.Port]);
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await PostAsync(flow);
            answers.Add(await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(2, answers.Count(answer => answer == "1"));
        Assert.NotEqual(answers[0], answers[1]);
    }

    [Fact]
    public async Task Call_NoEndpoint_Is503WithTheVerdict()
    {
        using var response = await PostAsync(await FlowAtAsync([]));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("is not ready: spec.image is required", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_UnknownFlow_Is404() =>
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("none")).StatusCode);

    [Fact]
    public async Task Call_Get_Is405() =>
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _portal.Http.GetAsync("/flows/demo/support-reply")).StatusCode);

    [Theory]
    [InlineData(1024 * 1024, HttpStatusCode.OK)]
    [InlineData((1024 * 1024) + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Call_BodyAtTheLimit_IsTakenAndAboveItRefused(int bytes, HttpStatusCode expected)
    {
        await using var runner = await FakeRunner.StartAsync(async context => await context.Request.Body.CopyToAsync(Stream.Null));
        var flow = await FlowAtAsync([runner.Port]);

        using var response = await _portal.Http.PostAsync($"/flows/demo/{flow}", new ByteArrayContent(new byte[bytes]));

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.NotFound)]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Host", "evil.example", HttpStatusCode.BadRequest)]
    public async Task Call_FromAPageOfAnotherSite_IsRefused(string header, string value, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/flows/demo/none");
        request.Headers.TryAddWithoutValidation(header, value);

        Assert.Equal(expected, (await _portal.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task ServiceProxy_LoopbackEndpoint_IsReachedWithoutCredentials()
    {
        var acts = "unset";
        await using var runner = await FakeRunner.StartAsync(async context =>
        {
            acts = context.Request.Headers["Impersonate-User"].ToString();
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        });
        var flow = await FlowAtAsync([runner.Port]);
        await ServiceAsync(flow);
        using var request = new HttpRequestMessage(HttpMethod.Post, ProxyPath(flow, "http", "a/b?c=d")) { Content = new StringContent("x") };
        request.Headers.TryAddWithoutValidation("Impersonate-User", "ann");
        request.Headers.TryAddWithoutValidation("Impersonate-Group", "system:masters");

        using var response = await ServerAsync(request);

        Assert.Equal("POST /a/b?c=d", await response.Content.ReadAsStringAsync());
        Assert.Equal("", acts);
    }

    [Theory]
    [InlineData("127.0.0.1", "other", HttpStatusCode.ServiceUnavailable)]
    [InlineData("192.0.2.1", "http", HttpStatusCode.ServiceUnavailable)]
    public async Task ServiceProxy_NoSuchPortOrNotOnThisMachine_Is503(string address, string port, HttpStatusCode expected)
    {
        var flow = await FlowAtAsync([80], address);
        await ServiceAsync(flow);

        using var response = await ServerAsync(new HttpRequestMessage(HttpMethod.Get, ProxyPath(flow, port, "")));

        Assert.Equal(expected, response.StatusCode);
        Assert.Contains("no endpoints available for service", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServiceProxy_UnknownService_Is404()
    {
        using var response = await ServerAsync(new HttpRequestMessage(HttpMethod.Get, ProxyPath("none", "http", "")));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static string ProxyPath(string service, string port, string path) => $"/api/v1/namespaces/demo/services/{service}:{port}/proxy/{path}";

    private async Task<HttpResponseMessage> ServerAsync(HttpRequestMessage request)
    {
        var connection = _portal.Client.Connection;
        request.RequestUri = new Uri(connection.Server, request.RequestUri!.ToString());
        return await new HttpMessageInvoker(connection.Handler, disposeHandler: false).SendAsync(request, CancellationToken.None);
    }

    private Task<HttpResponseMessage> PostAsync(string flow) =>
        _portal.Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/flows/demo/{flow}") { Content = JsonContent.Create(new { }) }, HttpCompletionOption.ResponseHeadersRead);

    private Task ServiceAsync(string name) => _portal.Client.Resource(BuiltIn.Service).CreateAsync(new KubeObject(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "demo" },
        ["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 80 }) },
    }), null, CancellationToken.None);

    // A flow without an image, which the operator leaves alone, whose endpoints are the given ports.
    private async Task<string> FlowAtAsync(int[] ports, string address = "127.0.0.1")
    {
        var name = "proxy-" + Guid.NewGuid().ToString("N")[..8];
        await _portal.Client.Resource<Flow>().CreateAsync(new KubeObject(new JsonObject
        {
            ["apiVersion"] = Flow.Definition.ApiVersion,
            ["kind"] = "Flow",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "demo" },
            ["spec"] = new JsonObject(),
        }), null, CancellationToken.None);
        foreach (var port in ports)
        {
            await _portal.Client.Resource(BuiltIn.EndpointSlice).CreateAsync(Slice(name, address, port), null, CancellationToken.None);
            await _portal.WaitForAsync(BuiltIn.EndpointSlice, "demo", $"{name}-{port}", slice => slice is not null);
        }

        await _portal.WaitForAsync(Flow.Definition, "demo", name, flow => flow?.FindCondition("Ready") is not null);
        await Typed(name);
        return name;
    }

    // The portal reads flows through an informer of its own.
    private async Task Typed(string name)
    {
        var informer = _portal.Informers.Get<Flow>();
        var seen = new TaskCompletionSource();
        using var subscription = informer.Subscribe(change =>
        {
            if (change.Object.Name == name && change.Object.FindCondition("Ready") is not null)
            {
                seen.TrySetResult();
            }
        });
        await seen.Task.WaitAsync(RunningPortal.Patience);
    }

    private static KubeObject Slice(string service, string address, int port) => new(new JsonObject
    {
        ["apiVersion"] = BuiltIn.EndpointSlice.ApiVersion,
        ["kind"] = BuiltIn.EndpointSlice.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = $"{service}-{port}",
            ["namespace"] = "demo",
            ["labels"] = new JsonObject { [LocalNode.ServiceNameLabel] = service },
        },
        ["addressType"] = "IPv4",
        ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(address) }),
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = port }),
    });
}
