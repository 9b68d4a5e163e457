namespace Portal.ApiServer.Bench;

/// <summary>Durable creates: a write is answered when it is on the disk.</summary>
internal static class WriteBench
{
    public static async Task RunAsync(DirectoryInfo data, Report report)
    {
        report.Add("the disk: 4 kB appends, each synced", Machine.SyncsPerSecond(data), "/s", "fsync of a file that grows");
        await using var server = await EmbeddedServer.StartAsync(data, "write.db");
        await Objects.CreateAsync(server.Http, "warm", 1_000, 16);

        var one = await Objects.CreateAsync(server.Http, "one", 1_500, 1);
        report.Add("durable creates, 1 writer", one, 300, "/s", atMost: false, "ConfigMaps of 1 kB, in process");
        var (alone, beside) = (new List<double>(), new List<double>());
        for (var round = 0; round < 5; round++)
        {
            alone.Add(await Objects.CreateAsync(server.Http, $"many-{round}", 3_000, 16));
            using var stalled = await StallAsync(server.Http);
            beside.Add(await Objects.CreateAsync(server.Http, $"beside-{round}", 3_000, 16));
        }

        var many = Median(alone);
        report.Add("durable creates, 16 writers", many, 1_500, "/s", atMost: false, $"the same; median of 5 rounds, {alone.Min():#,0} to {alone.Max():#,0}");
        report.Add(
            "durable creates, 16 writers, a watcher that never reads", Median(beside) / many, 0.8, "of the rate without", atMost: false,
            $"median {Median(beside):#,0} /s, rounds in turn with those above, {beside.Min():#,0} to {beside.Max():#,0}");
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

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>A watch whose events nobody reads.</summary>
    private static Task<HttpResponseMessage> StallAsync(HttpClient http) =>
        http.GetAsync(new Uri($"{Objects.Collection}?watch=true", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
}
