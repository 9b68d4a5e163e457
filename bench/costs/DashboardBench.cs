using System.Diagnostics;
using System.Net.Http.Json;
using Portal.Runner.Contract;

/// <summary>Asks what the pages of costs ask, again and again; and how soon a call is in the sums.</summary>
internal static class DashboardBench
{
    private const int Rounds = 30;
    private const double MostOfQuery = 300;
    private const double MostOfPaint = 1_000;
    private const double MostOfLag = 5_000;

    private static readonly string[] s_queries =
    [
        "/api/v1/costs?range=24h", "/api/v1/costs?range=7d", "/api/v1/costs?range=month", "/api/v1/costs?range=month&group=revision", "/api/v1/costs?range=month&group=user",
        "/api/v1/costs?range=month&group=model&tz=Europe/Berlin", "/api/v1/costs?range=7d&group=flow&tz=America/Los_Angeles", "/api/v1/costs?range=7d&group=team&tz=Asia/Kolkata",
        "/api/v1/costs?range=month&group=user&flow=team-0/flow-0", "/api/v1/costs/calls?range=month", "/api/v1/costs/calls?range=month&only=unpriced",
        "/api/v1/costs/calls?range=month&only=errors&flow=team-1/flow-31", "/api/v1/costs/calls?range=month&user=service-59",
    ];

    public static async Task<bool> RunAsync(BenchPortal portal, CallGenerator generator)
    {
        var ok = true;
        foreach (var query in s_queries)
        {
            ok &= Report("query", query, await MeasureAsync(portal, query, "application/json"), MostOfQuery);
        }

        ok &= Report("first paint", "/costs", await MeasureAsync(portal, "/costs", "text/html"), MostOfPaint);
        ok &= Report("first paint", "/costs?range=month", await MeasureAsync(portal, "/costs?range=month", "text/html"), MostOfPaint);
        return ok & Report("lag", "a told call is in the sums", await LagsAsync(portal, generator), MostOfLag);
    }

    private static async Task<List<double>> MeasureAsync(BenchPortal portal, string path, string accept)
    {
        var times = new List<double>();

        // The first two find nothing of the file in memory and the code not yet compiled for good.
        for (var round = -2; round < Rounds; round++)
        {
            var asked = Stopwatch.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "accept", accept } } };
            using var answer = await portal.Http.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
            if (round >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
        }

        return times;
    }

    private static async Task<List<double>> LagsAsync(BenchPortal portal, CallGenerator generator)
    {
        var lags = new List<double>();
        foreach (var record in generator.Make(10))
        {
            var told = record with { Team = $"lag-{lags.Count}-{Guid.NewGuid():N}" };
            var sent = Stopwatch.GetTimestamp();
            using var request = BenchPortal.Usage(new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(
                new { sentAt = TimeProvider.System.GetUtcNow(), records = new[] { JsonSerializer.SerializeToElement(told, UsageJson.Default.UsageRecord) } })));
            (await portal.Http.SendAsync(request)).EnsureSuccessStatusCode().Dispose();
            while (await portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/costs?range=24h&group=team&team={told.Team}") is not { } answer || answer["rows"]!.AsArray().Count == 0)
            {
            }

            lags.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }

        return lags;
    }

    private static bool Report(string what, string name, List<double> times, double most)
    {
        times.Sort();
        var p95 = times[(int)Math.Ceiling(times.Count * 0.95) - 1];
        Console.WriteLine($"{what,-12} {name,-72} median {times[times.Count / 2],5:0} ms, p95 {p95,5:0} ms of {most:0}{(p95 < most ? "" : "  MISSED")}");
        return p95 < most;
    }
}
