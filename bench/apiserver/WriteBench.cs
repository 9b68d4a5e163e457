namespace Portal.ApiServer.Bench;

/// <summary>Durable creates: a write is answered when it is on the disk.</summary>
internal static class WriteBench
{
    public static async Task RunAsync(DirectoryInfo data, Report report)
    {
        report.Add("the disk: 4 kB appends, each synced", Machine.SyncsPerSecond(data), "/s", "what one writer can reach at most without sharing a sync");
        await using var server = await EmbeddedServer.StartAsync(data, "write.db");
        await Objects.CreateAsync(server.Http, "warm", 1_000, 16);

        var one = await Objects.CreateAsync(server.Http, "one", 1_500, 1);
        report.Add("durable creates, 1 writer", one, 300, "/s", atMost: false, "ConfigMaps of 1 kB, in process");
        var many = await Objects.CreateAsync(server.Http, "many", 10_000, 16);
        report.Add("durable creates, 16 writers", many, 1_500, "/s", atMost: false, "the same");

        using var stalled = await StallAsync(server.Http);
        var beside = await Objects.CreateAsync(server.Http, "beside", 10_000, 16);
        report.Add("durable creates, 16 writers, a watcher that never reads", beside / many, 0.8, "of the rate without", atMost: false, $"{beside:#,0} /s");
        if (await EtcdPeer.TryStartAsync(data) is { } etcd)
        {
            await using (etcd)
            {
                await etcd.PutAsync("warm", 1_000, 16);
                var etcdOne = await etcd.PutAsync("one", 1_500, 1);
                report.Add("etcd 3.4, one member: durable puts, 1 writer", etcdOne, "/s", $"its JSON gateway, same disk; ours / etcd = {one / etcdOne:0.00}");
                var etcdMany = await etcd.PutAsync("many", 10_000, 16);
                report.Add("etcd 3.4, one member: durable puts, 16 writers", etcdMany, "/s", $"the same; ours / etcd = {many / etcdMany:0.00}");
            }
        }
    }

    /// <summary>A watch whose events nobody reads.</summary>
    private static Task<HttpResponseMessage> StallAsync(HttpClient http) =>
        http.GetAsync(new Uri($"{Objects.Collection}?watch=true", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
}
