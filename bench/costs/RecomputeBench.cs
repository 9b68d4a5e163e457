using System.Diagnostics;
using System.Net.Http.Json;

/// <summary>Every provider gives a discount, so that every call changes; then about a million of them are reckoned anew.</summary>
internal static class RecomputeBench
{
    private const double Wanted = 30;
    private static readonly string[] s_providers = ["openai", "anthropic", "googleai", "vertexai", "bedrock", "azureaifoundry"];

    public static async Task<bool> RunAsync(BenchPortal portal, DateTimeOffset from)
    {
        foreach (var provider in s_providers)
        {
            using var answer = await portal.Http.PostAsJsonAsync("/api/v1/prices/discounts", new { provider, validFrom = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), percent = 10 });
            answer.EnsureSuccessStatusCode();
        }

        var previewed = Stopwatch.StartNew();
        using (var preview = await portal.Http.PostAsJsonAsync("/api/v1/prices/recompute/preview", new { from }))
        {
            preview.EnsureSuccessStatusCode();
        }

        Console.WriteLine($"preview      {previewed.Elapsed.TotalSeconds:0.0} s");
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        using (var begun = await portal.Http.PostAsJsonAsync("/api/v1/prices/recompute", new { from }))
        {
            begun.EnsureSuccessStatusCode();
        }

        while (true)
        {
            var job = (await portal.Http.GetFromJsonAsync<JsonObject>("/api/v1/prices/recompute"))!["items"]![0]!;
            if (job["state"]!.ToString() == "Done")
            {
                var (calls, changed) = (job["calls"]!.GetValue<long>(), job["changed"]!.GetValue<long>());
                var million = watch.Elapsed.TotalSeconds * 1_000_000 / calls;
                Console.WriteLine($"recompute    {calls:N0} calls, {changed:N0} changed, in {watch.Elapsed.TotalSeconds:0.0} s: a million in {million:0.0} s, {(Environment.CpuUsage.TotalTime - before).TotalSeconds * 1_000_000 / calls:0.0} s of a processor; wanted {Wanted:0} s");
                return million <= Wanted;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }
}
