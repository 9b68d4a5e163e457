using System.Threading.Channels;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>Opens a watch, does things, and compares the events that come.</summary>
internal sealed class WatchStep(
    ConformanceServer server, JsonObject step, Func<JsonObject, JsonObject> filled, Func<JsonObject, JsonObject> expected, Func<JsonObject, Task> doStep)
{
    // How long an event too many is waited for.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);
    private readonly JsonObject _collect = step["collect"] as JsonObject ?? [];

    /// <exception cref="StepException">The stream is not as recorded.</exception>
    public async Task RunAsync(Tokens tokens)
    {
        using var leaving = new CancellationTokenSource();
        var opening = server.SendAsync(filled(step["request"]!.AsObject()), HttpCompletionOption.ResponseHeadersRead, leaving.Token);
        await HeadersAsync(opening);
        var lines = Channel.CreateUnbounded<JsonObject>();
        var reading = ReadAsync(opening, lines.Writer, leaving.Token);
        foreach (var action in step["actions"] as JsonArray ?? [])
        {
            await doStep(action!.AsObject());
        }

        var recorded = expected(step["response"]!.AsObject());
        using var response = await opening;
        if ((int)response.StatusCode == 200 && recorded["status"]!.GetValue<int>() == 200)
        {
            await CompareAsync(recorded, Reply.Of(response, null), lines.Reader, tokens);
            await leaving.CancelAsync();
            await reading;
            return;
        }

        var reply = await Reply.ReadAsync(response);
        if (reply.Differs(recorded, filled(step["compare"] as JsonObject ?? []), tokens) is { } problem)
        {
            throw new StepException(problem);
        }
    }

    private async Task HeadersAsync(Task<HttpResponseMessage> opening)
    {
        var patience = TimeSpan.FromSeconds(step["headersWithinSeconds"]?.GetValue<double>() ?? 3);
        var first = await Task.WhenAny(opening, Task.Delay(patience, TimeProvider.System));
        if (first != opening && step.ContainsKey("headersWithinSeconds"))
        {
            throw new StepException($"no response headers within {patience}");
        }
    }

    private async Task CompareAsync(JsonObject recorded, Reply reply, ChannelReader<JsonObject> lines, Tokens tokens)
    {
        var rules = filled(step["compare"] as JsonObject ?? []);
        if (reply.Differs(recorded, new JsonObject { ["body"] = "ignore", ["ignoreHeaders"] = rules["ignoreHeaders"]?.DeepClone() }, tokens) is { } wrong)
        {
            throw new StepException(wrong);
        }

        var wanted = recorded["events"]!.AsArray();
        var (events, ended) = await CollectAsync(lines, wanted.Count);
        var came = string.Join(", ", events.Select(each => $"{each["type"]} {Pointer.First(each, "/object/metadata/name")}"));
        if (events.Count != wanted.Count)
        {
            throw new StepException($"expected {wanted.Count} events, got {events.Count}: {came}");
        }

        for (var index = 0; index < wanted.Count; index++)
        {
            if (Comparison.Bodies(wanted[index], events[index], rules, tokens) is { } problem)
            {
                throw new StepException($"event {index + 1} of {came}: {problem}");
            }
        }

        if (recorded["ended"] is { } end && end.GetValue<bool>() != ended)
        {
            throw new StepException($"the stream was to {(ended ? "stay open" : "end")}, and did not");
        }
    }

    /// <summary>Reads until as many events came as were recorded, and one too many had its time; or until the end.</summary>
    private async Task<(List<JsonObject> Events, bool Ended)> CollectAsync(ChannelReader<JsonObject> lines, int wanted)
    {
        var untilEnd = _collect["untilEnd"]?.GetValue<bool>() == true;
        var patience = TimeSpan.FromSeconds(_collect["seconds"]?.GetValue<double>() ?? 6);
        var began = TimeProvider.System.GetTimestamp();
        var events = new List<JsonObject>();
        while (true)
        {
            var wait = events.Count >= wanted && !untilEnd ? s_quiet : patience - TimeProvider.System.GetElapsedTime(began);
            using var limit = new CancellationTokenSource(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, TimeProvider.System);
            try
            {
                var next = await lines.ReadAsync(limit.Token);
                if (Counts(next))
                {
                    events.Add(next);
                }
            }
            catch (OperationCanceledException)
            {
                return (events, false);
            }
            catch (ChannelClosedException)
            {
                return (events, true);
            }
        }
    }

    private bool Counts(JsonObject line)
    {
        var type = line["type"]!.ToString();
        if (_collect["onlyInitialEnd"]?.GetValue<bool>() == true && type == "BOOKMARK")
        {
            return Pointer.First(line, "/object/metadata/annotations/k8s.io~1initial-events-end") is not null;
        }

        var dropped = _collect["dropTypes"] as JsonArray ?? ["BOOKMARK"];
        return !dropped.Any(name => name!.ToString() == type);
    }

    private static async Task ReadAsync(Task<HttpResponseMessage> opening, ChannelWriter<JsonObject> lines, CancellationToken cancellationToken)
    {
        try
        {
            var response = await opening;
            if ((int)response.StatusCode != 200)
            {
                return;
            }

            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                await lines.WriteAsync(JsonNode.Parse(line)!.AsObject(), cancellationToken);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or IOException or HttpRequestException)
        {
            // The case is over, or the server cut the stream: both are its end.
        }
        finally
        {
            lines.Complete();
        }
    }
}
