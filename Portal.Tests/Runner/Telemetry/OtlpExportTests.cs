using System.Diagnostics;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Telemetry;

public sealed class OtlpExportTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task Run_EndpointIsSet_SendsSpansOfTheCallersTraceAndMetrics()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var folder = ContractFolder.Single("---\nmodel: demo/echo-stream\nconfig:\n  delayMs: 0\n---\nA secret word").Write("config.json", """{"flowName":"hello"}""");
        using var process = Start(folder.Root, receiver.Address);
        var line = (await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)))!;
        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(line[13..] + "/hello"));
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        process.StandardInput.Close(); // what is left is sent at the end

        List<byte[]> spans = [];
        HashSet<string> metrics = [];
        while (spans.Count < 2 || metrics.Count < 3)
        {
            var (path, body) = await receiver.NextAsync();
            Assert.DoesNotContain("secret word", System.Text.Encoding.Latin1.GetString(body), StringComparison.Ordinal);
            if (path == "/v1/traces")
            {
                spans.AddRange(OtlpReceiver.Messages(body, 1, 2, 2)); // resource spans, scope spans, spans
            }
            else
            {
                metrics.UnionWith(OtlpReceiver.Messages(body, 1, 2, 2).Select(metric => OtlpReceiver.Text(metric, 1)));
            }
        }

        Assert.All(spans, span => Assert.Equal(TraceId, Convert.ToHexStringLower(OtlpReceiver.Messages(span, 1).First())));
        var call = Assert.Single(spans, span => OtlpReceiver.Text(span, 5) == "POST /hello");
        var model = Assert.Single(spans, span => OtlpReceiver.Text(span, 5) == "chat echo-stream");
        Assert.Equal(OtlpReceiver.Messages(call, 2).First(), OtlpReceiver.Messages(model, 4).First()); // the call is the model's parent
        var attributes = OtlpReceiver.Attributes(model, 9);
        Assert.Equal(("chat", "demo", "echo-stream", "stop"), (attributes["gen_ai.operation.name"], attributes["gen_ai.provider.name"],
            attributes["gen_ai.request.model"], attributes["gen_ai.response.finish_reasons"]));
        Assert.NotEqual("0", attributes["gen_ai.usage.output_tokens"]);
        Assert.Equal("hello", OtlpReceiver.Attributes(call, 9)["genkit.flow"]);
        Assert.Superset(new HashSet<string> { "gen_ai.client.operation.duration", "gen_ai.client.token.usage", "genkit.flow.call.duration" }, metrics);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static Process Start(string root, string collector)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Portal.Runner.dll"), "--root", root, "--port", "0", "--exit-with-stdin"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        return Process.Start(start)!;
    }
}
