using System.Buffers;
using System.Net.WebSockets;
using Portal.Runner.Flows;

namespace Portal.Runner.Reflection;

/// <summary>
/// Genkit's reflection API, version 2: this process connects to the tools and answers their JSON-RPC requests. Goes on connecting, with growing
/// pauses, until it is disposed.
/// </summary>
internal sealed partial class ReflectionClient(ReflectionOptions options, RunnerActions actions, TimeProvider timeProvider, ILogger<ReflectionClient> logger) : IAsyncDisposable
{
    private const int MaxMessageBytes = 10 * 1024 * 1024;
    private const int MethodNotFound = -32601, Failed = -32000;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(0.5), s_longestPause = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;

    public void Start() => _work = WorkAsync(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        var pause = s_firstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var socket = new ClientWebSocket();
                await socket.ConnectAsync(options.Server!, cancellationToken);
                pause = s_firstPause;
                using var session = new Session(socket, options, actions);
                await session.ServeAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is WebSocketException or IOException or JsonException)
            {
                Log.Disconnected(logger, options.Server!, exception.Message);
            }

            await Task.Delay(pause, timeProvider, cancellationToken);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_longestPause.Ticks));
        }
    }

    /// <summary>One connection, from registering to its end.</summary>
    private sealed class Session(ClientWebSocket socket, ReflectionOptions options, RunnerActions actions) : IDisposable
    {
        private readonly SemaphoreSlim _sending = new(1);

        public void Dispose() => _sending.Dispose();

        public async Task ServeAsync(CancellationToken cancellationToken)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            List<Task> runs = [];
            try
            {
                await SendAsync(Registration(), ended.Token);
                while (await ReceiveAsync(ended.Token) is { } message)
                {
                    runs.RemoveAll(static run => run.IsCompleted);
                    runs.Add(AnswerAsync(message, ended.Token));
                }
            }
            finally
            {
                // What runs for tools that are gone runs for nobody.
                await ended.CancelAsync();
                await Task.WhenAll(runs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private JsonObject Registration() => new()
        {
            ["jsonrpc"] = "2.0",
            ["method"] = "register",
            ["params"] = new JsonObject
            {
                ["id"] = options.RuntimeId,
                ["pid"] = Environment.ProcessId,
                ["name"] = "genkit-runner",
                ["genkitVersion"] = ReflectionVersion.Name,
                ["reflectionApiSpecVersion"] = ReflectionVersion.Specification,
                ["envs"] = new JsonArray("dev"),
            },
            ["id"] = "register",
        };

        private async Task AnswerAsync(JsonObject message, CancellationToken cancellationToken)
        {
            // Without a method it answers our registration; without an id nobody waits for an answer.
            if (message["method"]?.ToString() is not { } method || message["id"]?.ToString() is not { } id)
            {
                return;
            }

            var parameters = message["params"] as JsonObject ?? [];
            await (method switch
            {
                "listActions" => ResultAsync(id, new JsonObject { ["actions"] = actions.Describe() }, cancellationToken),
                "listValues" => ResultAsync(id, new JsonObject { ["values"] = new JsonObject() }, cancellationToken),
                "configure" => ResultAsync(id, [], cancellationToken),
                "cancelAction" when actions.Cancel(parameters["traceId"]?.ToString() ?? "") => ResultAsync(id, new JsonObject { ["message"] = "Action cancelled" }, cancellationToken),
                "cancelAction" => ErrorAsync(id, Failed, new ActionFailure(5, "Action not found or already completed"), null, cancellationToken),
                "runAction" => RunAsync(id, parameters, cancellationToken),
                _ => ErrorAsync(id, MethodNotFound, new ActionFailure(12, $"method {method} not found"), null, cancellationToken),
            });
        }

        private async Task RunAsync(string id, JsonObject parameters, CancellationToken cancellationToken)
        {
            var key = parameters["key"]?.ToString();
            if (actions.Find(key) is not { } route)
            {
                await ErrorAsync(id, Failed, ActionFailure.NotFound(key), null, cancellationToken);
                return;
            }

            var streams = parameters["stream"] is JsonValue value && value.TryGetValue<bool>(out var wanted) && wanted;
            var outcome = await actions.RunAsync(
                route,
                parameters["input"],
                traceId => NotifyAsync("runActionState", new JsonObject { ["requestId"] = id, ["state"] = new JsonObject { ["traceId"] = traceId } }, cancellationToken),
                streams ? chunk => NotifyAsync("streamChunk", new JsonObject { ["requestId"] = id, ["chunk"] = chunk }, cancellationToken) : null,
                cancellationToken);
            await (outcome.Failure is { } failure
                ? ErrorAsync(id, Failed, failure, outcome.TraceId, cancellationToken)
                : ResultAsync(id, outcome.ToJson(), cancellationToken));
        }

        private Task NotifyAsync(string method, JsonObject parameters, CancellationToken cancellationToken) =>
            SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters }, cancellationToken);

        private Task ResultAsync(string id, JsonObject result, CancellationToken cancellationToken) =>
            SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["result"] = result }, cancellationToken);

        private Task ErrorAsync(string id, int code, ActionFailure failure, string? traceId, CancellationToken cancellationToken) =>
            SendAsync(new JsonObject
            {
                ["jsonrpc"] = "2.0",
                ["id"] = id,
                ["error"] = new JsonObject { ["code"] = code, ["message"] = failure.Message, ["data"] = failure.ToJson(traceId) },
            }, cancellationToken);

        private async Task SendAsync(JsonObject message, CancellationToken cancellationToken)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(message, FlowAnswer.Compact);
            await _sending.WaitAsync(cancellationToken);
            try
            {
                await socket.SendAsync(bytes.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            }
            finally
            {
                _sending.Release();
            }
        }

        /// <summary>Null when the tools closed the connection.</summary>
        private async Task<JsonObject?> ReceiveAsync(CancellationToken cancellationToken)
        {
            var buffer = new ArrayBufferWriter<byte>(4096);
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.GetMemory(4096), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                buffer.Advance(received.Count);
                if (buffer.WrittenCount > MaxMessageBytes)
                {
                    throw new IOException($"a message is larger than {MaxMessageBytes} bytes");
                }

                if (received.EndOfMessage)
                {
                    return JsonNode.Parse(buffer.WrittenSpan) as JsonObject ?? [];
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Warning, "Not connected to Genkit's tools at {Server}: {Reason}")]
        public static partial void Disconnected(ILogger logger, Uri server, string reason);
    }
}
