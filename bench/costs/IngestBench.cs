using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Portal.Runner.Contract;

/// <summary>Four senders post batches while a reader asks for the dashboard's figures again and again.</summary>
internal static class IngestBench
{
    private const int Senders = 4;
    private const int AtOnce = 500;
    private const int Wanted = 5_000;
    private static readonly string[] s_questions = ["/api/v1/costs?range=24h&group=flow", "/api/v1/costs?range=7d&group=model", "/api/v1/costs?range=month&group=user"];

    public static async Task<bool> RunAsync(BenchPortal portal, CallGenerator generator, TimeSpan time)
    {
        // Made before the clock runs: what is measured is the portal.
        var batches = new System.Collections.Concurrent.ConcurrentQueue<byte[]>(generator.Make(600_000).Chunk(AtOnce)
            .Select(batch => JsonSerializer.SerializeToUtf8Bytes(new { sentAt = TimeProvider.System.GetUtcNow(), records = batch.Select(record => JsonSerializer.SerializeToElement(record, UsageJson.Default.UsageRecord)) })));
        using var over = new CancellationTokenSource(time);
        var (accepted, busy) = (0, 0);
        var questions = new List<double>();
        var reader = Task.Run(async () =>
        {
            for (var index = 0; !over.IsCancellationRequested; index++)
            {
                var asked = Stopwatch.GetTimestamp();
                using var answer = await portal.Http.GetAsync(s_questions[index % s_questions.Length]);
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync();
                questions.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System);
            }
        });
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested && batches.TryDequeue(out var batch))
            {
                using var request = BenchPortal.Usage(new ByteArrayContent(batch));
                using var response = await portal.Http.SendAsync(request);
                if (response.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    Interlocked.Increment(ref busy);
                    batches.Enqueue(batch);
                    continue;
                }

                response.EnsureSuccessStatusCode();
                Interlocked.Add(ref accepted, (await response.Content.ReadFromJsonAsync(UsageJson.Default.UsageReceipt))!.Accepted);
            }
        })));
        var rate = accepted / watch.Elapsed.TotalSeconds;
        var cpu = (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / accepted;
        await over.CancelAsync();
        await reader;
        questions.Sort();
        Console.WriteLine($"ingest       {accepted:N0} records in {watch.Elapsed.TotalSeconds:0.0} s, {rate:N0}/s over HTTP from {Senders} senders, {AtOnce} in a batch, {busy} refused for a moment, {cpu:0} µs of a processor each with senders and reader; wanted {Wanted:N0}/s");
        Console.WriteLine($"meanwhile    {questions.Count} answers of /api/v1/costs: median {questions[questions.Count / 2]:0} ms, worst {questions[^1]:0} ms");
        return rate >= Wanted;
    }
}
