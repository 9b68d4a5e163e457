using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.ApiServer.Bench;

/// <summary>10,000 objects in a server process of its own, over TLS: start, pages, informer, memory.</summary>
internal static class ReadBench
{
    private const int Count = 10_000;
    private const int Rounds = 5;

    public static async Task RunAsync(DirectoryInfo data, Report report)
    {
        await using (var filling = await ServerProcess.StartAsync(data, "read.db"))
        {
            var rate = await Objects.CreateAsync(filling.Http, "object", Count, 16);
            report.Add("durable creates, 16 writers over TLS, server in its own process", rate, "/s", "10,000 ConfigMaps of 1 kB");
            await ListAsync(filling);
            report.Add("memory after 10,000 creates and a list", filling.ResidentMegabytes, 200, "MB", atMost: true, "process with only the API server");
        }

        var starts = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            await using var started = await ServerProcess.StartAsync(data, "read.db");
            starts.Add(started.StartUp.TotalMilliseconds);
        }

        report.Add("start to ready, existing database of 10,000 objects", Median(starts), 1_000, "ms", atMost: true, "median of 5 processes, the runtime's start included");
        await using var server = await ServerProcess.StartAsync(data, "read.db");
        var lists = new List<double>();
        var syncs = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            lists.Add(await ListAsync(server));
            syncs.Add(await SyncAsync(server.Connection));
        }

        report.Add("10,000 objects: list in pages of 500", Median(lists), 600, "ms", atMost: true, $"median of 5, first {lists[0]:0} ms; bytes read over TLS");
        report.Add("10,000 objects: informer sync", Median(syncs), 1_000, "ms", atMost: true, $"median of 5, first {syncs[0]:0} ms; Portal.Kubernetes over TLS");
        report.Add("10,000 objects: memory after lists and informers", server.ResidentMegabytes, 200, "MB", atMost: true, "process with only the API server");
    }

    private static async Task<double> ListAsync(ServerProcess server)
    {
        var clock = Stopwatch.StartNew();
        var token = "";
        var bytes = 0L;
        do
        {
            var page = await server.Http.GetByteArrayAsync(new Uri($"{Objects.Collection}?limit=500{token}", UriKind.Relative));
            bytes += page.Length;
            token = Continue(page) is { } next ? $"&continue={next}" : "";
        }
        while (token.Length > 0);

        return bytes > Count * 1_000L ? clock.Elapsed.TotalMilliseconds : throw new InvalidOperationException($"The list was too short: {bytes} bytes.");
    }

    private static string? Continue(byte[] page)
    {
        var start = page.AsSpan().IndexOf("\"continue\":\""u8);
        if (start < 0)
        {
            return null;
        }

        var rest = page.AsSpan(start + "\"continue\":\"".Length);
        return System.Text.Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)'"')]);
    }

    private static async Task<double> SyncAsync(KubeConnection connection)
    {
        using var stop = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var informer = new Informer<KubeObject>(new KubeClient(connection).Resource(BuiltIn.ConfigMap), null, TimeProvider.System, NullLogger.Instance);
        var running = informer.RunAsync(stop.Token);
        await informer.WaitForSyncAsync(CancellationToken.None);
        var elapsed = clock.Elapsed.TotalMilliseconds;
        await stop.CancelAsync();
        await running;
        return elapsed;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
