using System.Diagnostics;

namespace Portal.ApiServer.Bench;

/// <summary>What a controller does all day: apply what is there already.</summary>
internal static class ApplyBench
{
    private const int Count = 3_000;

    private const string Deployment =
        """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"flow","labels":{"app":"flow","team":"a"},"annotations":{"hash":"0123456789abcdef"}},
        "spec":{"replicas":2,"selector":{"matchLabels":{"app":"flow"}},"template":{"metadata":{"labels":{"app":"flow"}},"spec":{"containers":[
        {"name":"runner","image":"runner:1","ports":[{"name":"http","containerPort":8080}],"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],
        "resources":{"limits":{"cpu":"1","memory":"256Mi"}},"volumeMounts":[{"name":"config","mountPath":"/config"}],
        "readinessProbe":{"httpGet":{"path":"/readyz","port":"http"},"periodSeconds":5}}],"volumes":[{"name":"config","configMap":{"name":"flow"}}]}}}}
        """;

    public static async Task RunAsync(DirectoryInfo data, Report report)
    {
        await using var server = await EmbeddedServer.StartAsync(data, "apply.db");
        var times = new List<double>(Count);
        for (var index = 0; index < Count + 500; index++)
        {
            var start = Stopwatch.GetTimestamp();
            await Objects.SendAsync(
                server.Http, HttpMethod.Patch, "/apis/apps/v1/namespaces/default/deployments/flow?fieldManager=bench&force=true", Deployment, "application/apply-patch+yaml");
            if (index >= 500)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        times.Sort();
        report.Add("server-side apply of an unchanged Deployment", times[Count / 2], 1, "ms", atMost: true, $"in process, HTTP included; median of 3,000, p99 {times[Count * 99 / 100]:0.00} ms");
    }
}
