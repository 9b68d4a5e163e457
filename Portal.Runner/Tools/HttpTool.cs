using System.Text;

namespace Portal.Runner.Tools;

/// <summary>
/// <c>http</c>: JSON to an endpoint, JSON or text back. Input goes into the body; with GET and DELETE into the query, one parameter a field.
/// Settings: <c>url</c>, <c>method</c> (default POST), <c>timeoutSeconds</c>.
/// </summary>
internal sealed class HttpTool(HttpClient client, ToolNetwork network) : IToolKind
{
    public string Name => "http";

    public async Task<JsonNode?> CallAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var method = new HttpMethod((call.Tool.Setting("method") ?? "POST").ToUpperInvariant());
        var inQuery = method == HttpMethod.Get || method == HttpMethod.Delete;
        var url = network.Require(call.Tool.Setting("url"));
        using var request = new HttpRequestMessage(method, inQuery ? WithQuery(url, call.Input) : url);
        if (!inQuery)
        {
            request.Content = new StringContent(call.Input?.ToJsonString() ?? "null", Encoding.UTF8, "application/json");
        }

        ToolAnswer.Identify(request, call);
        request.Headers.Accept.ParseAdd("application/json, text/plain;q=0.9, */*;q=0.1");
        return (await ToolAnswer.SendAsync(client, request, call.Tool, cancellationToken)).Value;
    }

    private static Uri WithQuery(Uri url, JsonNode? input)
    {
        if (input is not JsonObject { Count: > 0 } fields)
        {
            return url;
        }

        var query = string.Join('&', fields.Where(static field => field.Value is not null)
            .Select(static field => $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(Text(field.Value!))}"));
        return new UriBuilder(url) { Query = url.Query.Length > 1 ? $"{url.Query}&{query}" : query }.Uri;
    }

    private static string Text(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
