using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portal.Runner.Contract;
using Portal.Tests.Portal;

namespace Portal.Tests.Runner.Budgets;

/// <summary>A portal that answers at once what it was told to say, and waits when the asker knows it. It takes usage, too.</summary>
internal sealed class FakeState : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SemaphoreSlim _heard = new(0);
    private (HttpStatusCode Status, string Body, string Tag) _word = (HttpStatusCode.OK, """{"stops":[]}""", "\"0\"");
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FakeState(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public ConcurrentQueue<(string, string)> Asked { get; } = new();

    /// <summary>The bodies of batches, as they came.</summary>
    public Channel<string> Batches { get; } = Channel.CreateUnbounded<string>();

    public static async Task<FakeState> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var state = new FakeState(app);
        app.MapGet(BudgetStops.Path, state.AnswerAsync);
        app.MapPost(UsageBatch.Path, state.TakeAsync);
        await app.StartAsync();
        return state;
    }

    public void Say(params BudgetStop[] stops) => Say(new BudgetStops { Stops = stops });

    public void Say(BudgetStops stops) => SayRaw(HttpStatusCode.OK, JsonSerializer.Serialize(stops, BudgetJson.Default.BudgetStops));

    public void SayRaw(HttpStatusCode status, string body)
    {
        _word = (status, body, $"\"{Guid.NewGuid():N}\"");
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>The asker has taken what was said last: it asks again.</summary>
    public async Task HeardAsync() => Assert.True(await _heard.WaitAsync(RunningPortal.Patience));

    public async ValueTask DisposeAsync()
    {
        _changed.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        Batches.Writer.TryWrite(body);
        var count = JsonNode.Parse(body)!["records"]!.AsArray().Count;
        await context.Response.WriteAsJsonAsync(new UsageReceipt { Accepted = count, Duplicates = 0 }, UsageJson.Default.UsageReceipt);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Asked.Enqueue((context.Request.Headers.Authorization.ToString(), context.Request.QueryString.Value!));
        var changed = _changed.Task;
        if (context.Request.Headers.IfNoneMatch == _word.Tag)
        {
            _heard.Release();
            await changed.WaitAsync(context.RequestAborted);
        }
        else if (_word.Status != HttpStatusCode.OK || !_word.Body.StartsWith("""{"stops":[""", StringComparison.Ordinal))
        {
            _heard.Release();
        }

        context.Response.StatusCode = (int)_word.Status;
        context.Response.Headers.ETag = _word.Tag;
        await context.Response.WriteAsync(_word.Body);
    }
}
