using System.Threading.Channels;
using Microsoft.AspNetCore.Mvc;
using Portal.Auth;
using Portal.Components.Inputs;
using Portal.Features.Playground;
using Portal.Runner.Engine;

namespace Portal.Features.Prompts;

/// <summary>Runs over REST.</summary>
internal static class PromptRunApi
{
    public static async Task<IResult> RunAsync(
        string @namespace, string name, RunBody body, [FromServices] RunStore runs, PromptCatalog catalog, DraftStore drafts, CurrentUser user,
        HttpContext http, CancellationToken cancellationToken)
    {
        if (await PromptsApi.ContentAsync(body.Content, @namespace, name, catalog, drafts, cancellationToken) is not { } content)
        {
            return PromptsApi.NotFound(@namespace, name);
        }

        if (PromptContent.Check(content) is { } problem)
        {
            return PromptsApi.Bad($"content: {problem}");
        }

        if (InputJson.Check(body.Input) is { } wrong)
        {
            return PromptsApi.Bad($"input: {wrong}");
        }

        Run run;
        var stream = AcceptsEvents(http.Request);
        try
        {
            run = runs.Start(user, new RunRequest
            {
                Namespace = @namespace,
                Prompt = name,
                Content = content,
                Input = body.Input ?? [],
                Model = body.Model,
                Stream = stream,
            });
        }
        catch (RunRefusedException exception)
        {
            return Results.Problem($"{exception.Message} {exception.Next}", statusCode: (int)exception.Status,
                title: exception.Status.WireName());
        }

        try
        {
            if (stream)
            {
                await StreamAsync(run, http, cancellationToken);
                return Results.Empty;
            }

            await run.Ended.WaitAsync(cancellationToken);
            return Answer(run.Snapshot());
        }
        finally
        {
            // A caller that went away has no use for the answer. To a run that has ended this is nothing.
            run.Stop();
        }
    }

    public static async Task<IResult> FindAsync(string id, [FromServices] RunStore runs, CurrentUser user, CancellationToken cancellationToken) =>
        await runs.FindAsync(id, cancellationToken) is { } run && user.May(Permission.ReadNamespace, run.Namespace)
            ? Results.Json(RunAnswer.Of(run.IsReadableBy(user) ? run : run.WithoutContents()), PromptsJson.Options)
            : Results.Problem($"There is no run \"{id}\".", statusCode: StatusCodes.Status404NotFound, title: "Not found");

    private static IResult Answer(RunSnapshot run) => run.Error is { } error
        ? Results.Problem(error.Next is null ? error.Message : $"{error.Message} {error.Next}", statusCode: StatusOf(error.Code),
            title: error.Code, extensions: new Dictionary<string, object?> { ["run"] = run.Id })
        : Results.Json(RunAnswer.Of(run), PromptsJson.Options);

    private static async Task StreamAsync(Run run, HttpContext http, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        // One waiting signal stands for any number of changes.
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void OnChanged()
        {
            changes.Writer.TryWrite(true);
            if (run.Ended.IsCompleted)
            {
                changes.Writer.TryComplete();
            }
        }

        run.Changed += OnChanged;
        try
        {
            OnChanged();
            var sent = 0;
            while (await changes.Reader.WaitToReadAsync(cancellationToken))
            {
                changes.Reader.TryRead(out _);
                if (run.OutputSince(sent) is { Length: > 0 } text)
                {
                    sent += text.Length;
                    await WriteAsync(http.Response, "chunk", new { text }, cancellationToken);
                }
            }

            var last = run.Snapshot();
            await WriteAsync(http.Response, last.Error is null ? "done" : "error", RunAnswer.Of(last), cancellationToken);
        }
        finally
        {
            run.Changed -= OnChanged;
        }
    }

    private static async Task WriteAsync(HttpResponse response, string name, object data, CancellationToken cancellationToken)
    {
        await response.WriteAsync($"event: {name}\ndata: {JsonSerializer.Serialize(data, PromptsJson.Options)}\n\n", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private static bool AcceptsEvents(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == "text/event-stream" && accept.Quality is not 0);

    private static int StatusOf(string code) => (int)Enum.GetValues<GenkitStatus>()
        .FirstOrDefault(status => status.WireName() == code, GenkitStatus.Internal);
}
