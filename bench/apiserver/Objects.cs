using System.Net;
using System.Text;

namespace Portal.ApiServer.Bench;

/// <summary>Objects about as large as real ones, and the plainest way to send them.</summary>
internal static class Objects
{
    public const string Collection = "/api/v1/namespaces/default/configmaps";

    private static readonly string s_text = string.Concat(Enumerable.Repeat("lorem ipsum dolor sit amet, ", 28));

    /// <summary>A ConfigMap of about 1 kB with labels.</summary>
    public static string ConfigMap(string name) =>
        $$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{"app.kubernetes.io/name":"bench","shard":"s{{{name.Length}}}"}},"data":{"text":"{{{s_text}}}"}}
        """;

    public static async Task SendAsync(HttpClient http, HttpMethod method, string path, string body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsByteArrayAsync();
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created))
        {
            throw new InvalidOperationException($"{method} {path}: {response.StatusCode}: {Encoding.UTF8.GetString(answer)}");
        }
    }

    /// <summary>Creates <paramref name="count"/> ConfigMaps with so many writers at once; returns creates a second.</summary>
    public static async Task<double> CreateAsync(HttpClient http, string prefix, int count, int writers)
    {
        var next = -1;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (var index = Interlocked.Increment(ref next); index < count; index = Interlocked.Increment(ref next))
            {
                await SendAsync(http, HttpMethod.Post, Collection, ConfigMap($"{prefix}-{index}"));
            }
        })));
        return count / clock.Elapsed.TotalSeconds;
    }
}
