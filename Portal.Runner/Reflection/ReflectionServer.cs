using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Portal.Runner.Flows;
using Portal.Runner.Hosting;

namespace Portal.Runner.Reflection;

/// <summary>
/// Genkit's reflection API, version 1, on a loopback port of its own: what the tools connect to. It has no authentication, so pages of the web are refused.
/// </summary>
internal sealed class ReflectionServer : IAsyncDisposable
{
    private const int PortsTried = 100;
    private const long MaxBodyBytes = 10 * 1024 * 1024;
    private static readonly JsonSerializerOptions s_json = FlowAnswer.Compact;
    private readonly WebApplication _app;
    private readonly ReflectionOptions _options;
    private readonly RunnerActions _actions;
    private RuntimeFile? _file;

    private ReflectionServer(WebApplication app, ReflectionOptions options, RunnerActions actions) => (_app, _options, _actions) = (app, options, actions);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <exception cref="StartupException">No port is free, or the file that tells the tools of it cannot be written.</exception>
    public static async Task<ReflectionServer> StartAsync(ReflectionOptions options, RunnerActions actions, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var tries = options.Port == 0 ? 1 : PortsTried;
        for (var port = options.Port; port < options.Port + tries; port++)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
                kestrel.Listen(IPAddress.Loopback, port);
            });
            var app = builder.Build();
            var server = new ReflectionServer(app, options, actions);
            app.Run(server.HandleAsync);
            try
            {
                await app.StartAsync(cancellationToken);
                server._file = RuntimeFile.Write(options, server.Address, timeProvider.GetUtcNow());
                return server;
            }
            catch (Exception exception) when (exception is UnauthorizedAccessException || (exception is IOException && exception.InnerException is not System.Net.Sockets.SocketException and not Microsoft.AspNetCore.Connections.AddressInUseException))
            {
                await app.DisposeAsync();
                throw new StartupException($"cannot write below {options.ProjectRoot}/.genkit: {exception.Message}", exception);
            }
            catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
            {
                await app.DisposeAsync(); // taken; try the next
            }
        }

        throw new StartupException($"no port from {options.Port} to {options.Port + tries - 1} is free for the reflection API (GENKIT_REFLECTION_PORT)");
    }

    public async ValueTask DisposeAsync()
    {
        _file?.Dispose();
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers[ReflectionVersion.Header] = ReflectionVersion.Name;
        if (request.Headers.Origin.Count > 0 || request.Headers.ContainsKey("Sec-Fetch-Site"))
        {
            await WriteTextAsync(response, StatusCodes.Status403Forbidden, "The reflection API does not answer to browsers.");
            return;
        }

        try
        {
            await ((request.Method, request.Path.Value) switch
            {
                ("GET", "/api/__health") when request.Query["id"] is [{ } id] && id != _options.RuntimeId => WriteTextAsync(response, StatusCodes.Status503ServiceUnavailable, "Invalid runtime ID"),
                ("GET", "/api/__health") => WriteTextAsync(response, StatusCodes.Status200OK, "OK"),
                ("GET", "/api/envs") => WriteJsonAsync(response, StatusCodes.Status200OK, new JsonArray("dev")),
                ("GET", "/api/values") when request.Query["type"] is ["defaultModel" or "middleware"] => WriteJsonAsync(response, StatusCodes.Status200OK, new JsonObject()),
                ("GET", "/api/values") => WriteTextAsync(response, StatusCodes.Status400BadRequest, "type must be defaultModel or middleware"),
                ("GET", "/api/actions") => WriteJsonAsync(response, StatusCodes.Status200OK, _actions.Describe()),
                ("POST", "/api/notify") => WriteTextAsync(response, StatusCodes.Status200OK, "OK"),
                ("POST", "/api/cancelAction") => CancelAsync(context),
                ("POST", "/api/runAction") => RunAsync(context),
                _ => WriteTextAsync(response, StatusCodes.Status404NotFound, "not found"),
            });
        }
        catch (JsonException exception)
        {
            await WriteTextAsync(response, StatusCodes.Status400BadRequest, $"invalid JSON body: {exception.Message}");
        }
    }

    private async Task CancelAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } body || body["traceId"] is not JsonValue value || !value.TryGetValue<string>(out var traceId))
        {
            await WriteJsonAsync(context.Response, StatusCodes.Status400BadRequest, new JsonObject { ["error"] = "traceId is required" });
            return;
        }

        await (_actions.Cancel(traceId)
            ? WriteJsonAsync(context.Response, StatusCodes.Status200OK, new JsonObject { ["message"] = "Action cancelled" })
            : WriteJsonAsync(context.Response, StatusCodes.Status404NotFound, new JsonObject { ["message"] = "Action not found or already completed" }));
    }

    /// <summary>The trace's id is sent before the result is there: the tools cancel by it.</summary>
    private async Task RunAsync(HttpContext context)
    {
        var response = context.Response;
        var body = await ReadAsync(context);
        var key = body?["key"]?.ToString();
        if (_actions.Find(key) is not { } route)
        {
            await WriteTextAsync(response, StatusCodes.Status404NotFound, ActionFailure.NotFound(key).Message);
            return;
        }

        var streams = context.Request.Query["stream"] == "true";
        var outcome = await _actions.RunAsync(route, body!["input"], StartedAsync, streams ? chunk => WriteLineAsync(chunk) : null, context.RequestAborted);
        var last = outcome.Failure is { } failure ? new JsonObject { ["error"] = failure.ToJson(outcome.TraceId) } : outcome.ToJson();
        await response.WriteAsync(last.ToJsonString(s_json), context.RequestAborted);

        Task StartedAsync(string traceId)
        {
            response.ContentType = streams ? "text/plain" : "application/json";
            response.Headers["X-Genkit-Trace-Id"] = traceId;
            return response.Body.FlushAsync(context.RequestAborted);
        }

        async Task WriteLineAsync(JsonObject chunk)
        {
            await response.WriteAsync(chunk.ToJsonString(s_json) + "\n", context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static async Task<JsonObject?> ReadAsync(HttpContext context) =>
        await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;

    private static Task WriteJsonAsync(HttpResponse response, int status, JsonNode json)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        return response.WriteAsync(json.ToJsonString(s_json));
    }

    private static Task WriteTextAsync(HttpResponse response, int status, string text)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain";
        return response.WriteAsync(text);
    }
}
