using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Portal.Runner.Tools;

/// <summary>
/// <c>mcp</c>: a server of the Model Context Protocol over streamable HTTP. Settings: <c>url</c>, and <c>tool</c>, the server's name of one tool; without it
/// the descriptor stands for all the server has. Each use is a session of its own, so that nothing of one call is left for another; only what a server
/// lists is kept, for half a minute.
/// </summary>
internal sealed class McpTool(HttpClient client, ToolNetwork network, TimeProvider timeProvider) : IToolKind
{
    private const int MaxTools = 128;
    private const int MaxPages = 32;
    private const int MaxLists = 256;
    private static readonly TimeSpan s_listLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_listLife = TimeSpan.FromSeconds(30);

    // By address and headers, since a server may list other tools for another key. Headers are secret: only their hash is kept.
    private readonly ConcurrentDictionary<string, (long Since, List<Tool> Tools)> _lists = new(StringComparer.Ordinal);

    public string Name => "mcp";

    public async ValueTask<IReadOnlyList<ToolDescriptor>> ExpandAsync(ToolDescriptor tool, CancellationToken cancellationToken)
    {
        var one = tool.Setting("tool");
        if (one is not null && tool.InputSchema is not null)
        {
            return [tool];
        }

        var listed = await ListAsync(tool, cancellationToken);
        if (one is null)
        {
            return [.. listed.Select(item => Describe(item, new ToolDescriptor { Name = item.Name, Kind = Name, Headers = tool.Headers, Settings = Pick(tool, item.Name) }))];
        }

        return listed.FirstOrDefault(item => item.Name == one) is { } found
            ? [Describe(found, tool)]
            : throw new ToolException($"its server has no tool \"{one}\". There are: {string.Join(", ", listed.Select(static item => item.Name))}.");
    }

    public Task<JsonNode?> CallAsync(ToolCall call, CancellationToken cancellationToken) => UseAsync(call.Tool, async (session, token) =>
    {
        var arguments = (call.Input as JsonObject ?? []).ToDictionary(static field => field.Key, static field => JsonSerializer.SerializeToElement(field.Value, McpJsonUtilities.DefaultOptions));
        var result = await session.CallToolAsync(new CallToolRequestParams { Name = call.Tool.Setting("tool") ?? call.Tool.Name, Arguments = arguments }, token);
        var text = string.Join('\n', result.Content.Select(static block => block is TextContentBlock said ? said.Text : $"[{block.Type} left out]"));
        if (result.IsError == true)
        {
            throw new ToolException(text.Length > 0 ? ToolAnswer.Quote(text, []) : "it failed.");
        }

        return result.StructuredContent is { } structured ? JsonNode.Parse(structured.GetRawText()) : text.Length > 0 ? JsonValue.Create(text) : null;
    }, cancellationToken);

    private async Task<List<Tool>> ListAsync(ToolDescriptor tool, CancellationToken cancellationToken)
    {
        var place = string.Join('\n', [tool.Setting("url"), .. ToolAnswer.ReadHeaders(tool).Select(static header => $"{header.Key}: {header.Value}")]);
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(place)));
        if (_lists.TryGetValue(key, out var known) && timeProvider.GetElapsedTime(known.Since) < s_listLife)
        {
            return known.Tools;
        }

        using var timer = new CancellationTokenSource(s_listLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            var tools = await UseAsync(tool, ListAsync, either.Token);
            if (_lists.Count >= MaxLists)
            {
                _lists.Clear();
            }

            _lists[key] = (timeProvider.GetTimestamp(), tools);
            return tools;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException($"its server did not list its tools within {s_listLimit.TotalSeconds:0} seconds.");
        }
    }

    private async Task<T> UseAsync<T>(ToolDescriptor tool, Func<McpClient, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        var options = new HttpClientTransportOptions
        {
            Endpoint = network.Require(tool.Setting("url")),
            TransportMode = HttpTransportMode.StreamableHttp,
            EnableStandaloneGetStream = false,
            MaxReconnectionAttempts = 0,
            AdditionalHeaders = ToolAnswer.ReadHeaders(tool).ToDictionary(static header => header.Key, static header => header.Value, StringComparer.OrdinalIgnoreCase),
        };
        try
        {
            await using var transport = new HttpClientTransport(options, client, loggerFactory: null, ownsHttpClient: false);
            await using var session = await McpClient.CreateAsync(transport, clientOptions: null, loggerFactory: null, cancellationToken);
            return await use(session, cancellationToken);
        }
        catch (Exception exception) when (exception is not (ToolException or OperationCanceledException))
        {
            throw Inner(exception) ?? new ToolException(
                exception is McpProtocolException refused ? $"its server refused: {ToolAnswer.Quote(refused.Message, options.AdditionalHeaders.Values)}" : "its server cannot be reached, or does not speak the protocol.", exception);
        }
    }

    /// <summary>What the network refused, below whatever the protocol made of it.</summary>
    private static ToolException? Inner(Exception? exception) => exception is null ? null : exception as ToolException ?? Inner(exception.InnerException);

    private static async Task<List<Tool>> ListAsync(McpClient session, CancellationToken cancellationToken)
    {
        List<Tool> tools = [];
        string? cursor = null;
        var pages = 0;
        do
        {
            var page = await session.ListToolsAsync(new ListToolsRequestParams { Cursor = cursor }, cancellationToken);
            tools.AddRange(page.Tools);
            cursor = page.NextCursor;
        }
        while (cursor is not null && tools.Count <= MaxTools && ++pages < MaxPages);

        return tools.Count <= MaxTools && cursor is null ? tools : throw new ToolException($"its server has more than {MaxTools} tools; name one with tool.");
    }

    /// <summary>What the tool's author wrote wins over what the server says.</summary>
    private static ToolDescriptor Describe(Tool listed, ToolDescriptor tool) => tool with
    {
        Description = tool.Description.Length > 0 ? tool.Description : listed.Description ?? "",
        InputSchema = tool.InputSchema ?? JsonNode.Parse(listed.InputSchema.GetRawText()) as JsonObject,
        OutputSchema = tool.OutputSchema ?? (listed.OutputSchema is { } output ? JsonNode.Parse(output.GetRawText()) as JsonObject : null),
    };

    private static JsonObject Pick(ToolDescriptor tool, string name)
    {
        var settings = (JsonObject)tool.Settings.DeepClone();
        settings["tool"] = name;
        return settings;
    }
}
