using System.Globalization;
using System.Text;

namespace Portal.Runner.Tools;

/// <summary>
/// <c>flowRef</c>: another flow. Settings: <c>url</c> of its runner and <c>path</c>, as the operator writes them. The answer is the flow's result.
/// The trace goes on; a header counts how deep flows call one another, so that a circle of flows ends.
/// </summary>
internal sealed class FlowTool(HttpClient client) : IToolKind
{
    public const string DepthHeader = "x-genkit-call-depth";
    public const int MaxDepth = 8;

    public string Name => "flowRef";

    public async Task<JsonNode?> CallAsync(ToolCall call, CancellationToken cancellationToken)
    {
        if (call.Depth >= MaxDepth)
        {
            throw new ToolException($"flows call one another more than {MaxDepth} deep.");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, Address(call.Tool))
        {
            Content = new StringContent(call.Input?.ToJsonString() ?? "{}", Encoding.UTF8, "application/json"),
        };
        ToolAnswer.Identify(request, call);
        request.Headers.Accept.ParseAdd("application/json, text/plain;q=0.5");
        request.Headers.Add(DepthHeader, (call.Depth + 1).ToString(CultureInfo.InvariantCulture));
        var answer = await ToolAnswer.SendAsync(client, request, call.Tool, cancellationToken);
        return answer is { IsJson: true, Value: JsonObject { Count: 1 } envelope } && envelope.TryGetPropertyValue("result", out var result)
            ? result?.DeepClone()
            : answer.Value;
    }

    private static Uri Address(ToolDescriptor tool)
    {
        var (name, url) = (tool.Setting("name") ?? tool.Name, tool.Setting("url"));
        if (url is null)
        {
            throw new ToolException($"the address of flow \"{name}\" is not known; it may not exist.");
        }

        var path = tool.Setting("path") ?? $"/{Uri.EscapeDataString(name)}";
        return Uri.TryCreate(url.TrimEnd('/') + path, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new ToolException($"the address of flow \"{name}\" is not an absolute http URL.");
    }
}
