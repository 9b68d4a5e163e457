namespace Portal.Tests.ApiServer.Conformance;

/// <summary>One run of a recorded case, in a namespace of its own.</summary>
internal sealed class CaseRun(ConformanceServer server, JsonObject recording)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly string _namespace = "cf-" + Random.Shared.GetString("bcdfghjklmnpqrstvwxz", 8);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal) { ["missing_uid"] = "11111111-2222-3333-4444-555555555555" };

    // The recording waited longer for a real cluster; here everything is in memory. What is known not to come is waited for shortly.
    private readonly TimeSpan _longestWait = TimeSpan.FromSeconds(Deviations.Lists($"{recording["area"]}/{recording["name"]}") ? 1 : 10);
    private Tokens _tokens = new();

    /// <exception cref="StepException">An answer is not as recorded.</exception>
    public async Task RunAsync()
    {
        _values["ns"] = _namespace;
        try
        {
            await PrepareAsync();
            var number = 0;
            foreach (var step in recording["steps"]!.AsArray().Select(step => step!.AsObject()))
            {
                number++;
                try
                {
                    await StepAsync(step);
                }
                catch (StepException problem)
                {
                    throw new StepException($"step {number} ({step["request"]?["method"]} {step["request"]?["path"]}{step["path"]}): {problem.Message}");
                }
            }
        }
        finally
        {
            await CleanUpAsync();
        }
    }

    private async Task PrepareAsync()
    {
        foreach (var fixture in recording["fixtures"] as JsonArray ?? [])
        {
            await server.EnsureFixtureAsync(fixture!.ToString());
        }

        if (recording["namespace"]?.GetValue<bool>() != false)
        {
            await server.Api.SendAsync("POST", "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = _namespace } });
        }

        if (recording["webhooks"] is JsonObject behaviours)
        {
            var webhooks = await server.StartWebhooksAsync();
            (_values["wh"], _values["whca"]) = ($"{webhooks.Address}{_namespace}", webhooks.Authority);
            foreach (var (path, behaviour) in behaviours)
            {
                webhooks.Behave($"/{_namespace}{path}", Filled(behaviour!.AsObject()));
            }
        }
    }

    private Task StepAsync(JsonObject step) => step["type"]?.ToString() switch
    {
        null or "request" => RequestAsync(step),
        "watch" => new WatchStep(server, step, Filled, Expected, StepAsync).RunAsync(_tokens),
        "sleep" => PauseAsync(TimeSpan.FromSeconds(step["seconds"]!.GetValue<double>())),
        "compact" => CompactAsync(),
        "await-webhook" => AwaitWebhookAsync(step),
        "webhook-calls" => CheckCallsAsync(step),
        var unknown => throw new StepException($"the step type {unknown} is not known"),
    };

    private Task<HttpResponseMessage> SendAsync(JsonObject step) =>
        server.SendAsync(Filled(step["request"]!.AsObject()), HttpCompletionOption.ResponseContentRead, CancellationToken.None);

    private async Task RequestAsync(JsonObject step)
    {
        var patience = TimeSpan.FromSeconds(step["eventually"]?["timeoutSeconds"]?.GetValue<double>() ?? 0);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var response = await SendAsync(step);
            var reply = await Reply.ReadAsync(response);
            var tokens = _tokens.Copy();
            var problem = reply.Differs(Expected(step["response"]!.AsObject()), Filled(step["compare"] as JsonObject ?? []), tokens);
            if (problem is null)
            {
                _tokens = tokens;
                Capture(step, reply.Body);
                return;
            }

            var waited = TimeProvider.System.GetElapsedTime(began);
            if (waited >= patience || waited >= _longestWait)
            {
                throw new StepException(problem);
            }

            await PauseAsync(s_pause);
        }
    }

    private void Capture(JsonObject step, JsonNode? body)
    {
        foreach (var (name, place) in step["capture"] as JsonObject ?? [])
        {
            var pointer = (place as JsonObject)?["pointer"] ?? place;
            _values[name] = Pointer.First(body, pointer!.ToString())?.ToString()
                ?? throw new StepException($"cannot capture {name}: nothing at {pointer} in {Comparison.Short(body)}");
        }
    }

    private Task CompactAsync()
    {
        server.Api.Server.Compact();
        return Task.CompletedTask;
    }

    private async Task AwaitWebhookAsync(JsonObject step)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (server.Webhooks!.Calls($"/{_namespace}{step["path"]}").Count == 0)
        {
            if (TimeProvider.System.GetElapsedTime(began) > _longestWait)
            {
                throw new StepException("the webhook was not called");
            }

            using var response = await SendAsync(step);
        }

        server.Webhooks.Forget($"/{_namespace}/");
    }

    private Task CheckCallsAsync(JsonObject step)
    {
        var calls = server.Webhooks!.Calls($"/{_namespace}{step["path"]}");
        if (step["last"] is { } last)
        {
            calls = [.. calls.TakeLast(last.GetValue<int>())];
        }

        var expected = step["calls"]!.AsArray();
        if (expected.Count != calls.Count)
        {
            throw new StepException($"expected {expected.Count} calls of the webhook, got {calls.Count}");
        }

        for (var index = 0; index < calls.Count; index++)
        {
            var rules = Filled(step["compare"] as JsonObject ?? []);
            if (Comparison.Bodies(Expected(expected[index]!.AsObject()), calls[index], rules, _tokens) is { } problem)
            {
                throw new StepException($"call {index + 1} of the webhook: {problem}");
            }
        }

        return Task.CompletedTask;
    }

    private async Task CleanUpAsync()
    {
        foreach (var path in recording["cleanup"] as JsonArray ?? [])
        {
            var filled = Template.Fill(path!.ToString(), _values);
            await server.Api.SendAsync("PATCH", filled, JsonNode.Parse("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
            await server.Api.SendAsync("DELETE", filled);
        }

        await server.Api.SendAsync("DELETE", $"/api/v1/namespaces/{_namespace}");
    }

    private JsonObject Filled(JsonObject recorded) => (JsonObject)Template.Map(recorded, text => Template.Fill(text, _values))!;

    /// <summary>A recorded answer with the namespace and the webhook's address of this run.</summary>
    private JsonObject Expected(JsonObject recorded) => (JsonObject)Template.Map(recorded, text => text
        .Replace("<ns>", _namespace, StringComparison.Ordinal)
        .Replace("<wh>", _values.GetValueOrDefault("wh", "<wh>"), StringComparison.Ordinal)
        .Replace("<whca>", _values.GetValueOrDefault("whca", "<whca>"), StringComparison.Ordinal))!;

    private static Task PauseAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);
}
