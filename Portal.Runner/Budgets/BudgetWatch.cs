using System.Net;
using System.Net.Http.Headers;
using Portal.Runner.Content;
using Portal.Runner.Contract;
using Portal.Runner.Usage;

namespace Portal.Runner.Budgets;

/// <summary>Asks the portal which budgets stop calls, and what is kept of them, and is answered as soon as that changes. When it is away, asks again and again, each time later.</summary>
internal sealed partial class BudgetWatch : IAsyncDisposable
{
    private const int MostBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(BudgetStops.MaxWait + 10);
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(15);

    // Answers that come at once, from a portal that does not wait, must not become a storm.
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);

    private readonly BudgetGate _gate;
    private readonly ContentKeeper _contents;
    private readonly UsageOptions _options;
    private readonly Uri _address;
    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _asking;
    private EntityTagHeaderValue? _tag;
    private int _failures;

    /// <param name="gate">Told of budgets.</param>
    /// <param name="contents">Told of what is kept.</param>
    /// <param name="options">Where the portal is.</param>
    /// <param name="namespace">Of the flows here; null for any.</param>
    /// <param name="client">Asks.</param>
    /// <param name="timeProvider">Time.</param>
    /// <param name="logger">Log.</param>
    public BudgetWatch(
        BudgetGate gate, ContentKeeper contents, UsageOptions options, string? @namespace, HttpMessageInvoker client, TimeProvider timeProvider, ILogger<BudgetWatch> logger)
    {
        (_gate, _contents, _options, _client, _timeProvider, _logger) = (gate, contents, options, client, timeProvider, logger);
        _address = new Uri($"{options.Portal}{BudgetStops.Path}?wait={BudgetStops.MaxWait}{(@namespace is null ? "" : $"&namespace={Uri.EscapeDataString(@namespace)}")}");
        _asking = Task.Run(AskAsync);
    }

    /// <summary>Completes when the portal has been asked once, whether it answered or not.</summary>
    public Task AskedOnce => _first.Task;

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
            await _asking;
            _stopping.Dispose();
        }
    }

    private async Task AskAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var asked = _timeProvider.GetTimestamp();
            var problem = await AskOnceAsync();
            _first.TrySetResult();
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            if (problem is null)
            {
                Heard();
                await WaitAsync(s_least - _timeProvider.GetElapsedTime(asked));
            }
            else
            {
                if (_failures++ == 0)
                {
                    Log.Away(_logger, problem, BudgetGate.Trust.TotalSeconds);
                }

                var wait = s_firstWait * Math.Pow(2, Math.Min(_failures - 1, 10));
                await WaitAsync((wait < s_longestWait ? wait : s_longestWait) * (0.75 + (Random.Shared.NextDouble() / 2)));
            }
        }
    }

    private void Heard()
    {
        if (_failures > 0)
        {
            Log.Back(_logger);
        }

        _failures = 0;
    }

    /// <summary>Null when the portal answered; else why not.</summary>
    private async Task<string?> AskOnceAsync()
    {
        using var limit = new CancellationTokenSource(s_limit, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.ReadToken());
            if (_tag is not null)
            {
                request.Headers.IfNoneMatch.Add(_tag);
            }

            using var response = await _client.SendAsync(request, either.Token);
            return await ReadAsync(response, either.Token);
        }
        catch (OperationCanceledException)
        {
            return "it did not answer in time";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or UnauthorizedAccessException or FormatException or JsonException)
        {
            return exception is JsonException ? "its answer is not what a portal says" : exception.Message;
        }
    }

    private async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            _gate.HearAgain();
            _contents.HearAgain();
            return null;
        }

        if (!response.IsSuccessStatusCode)
        {
            return $"it answered {(int)response.StatusCode}";
        }

        await response.Content.LoadIntoBufferAsync(MostBytes, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var stops = await JsonSerializer.DeserializeAsync(body, BudgetJson.Default.BudgetStops, cancellationToken);
        if (stops?.Stops is null || stops.Runs is { SecretVariables: null } || !Enum.IsDefined(stops.Runs?.Flows ?? RunKeeping.Off))
        {
            return "its answer is not what a portal says";
        }

        _gate.Hear(stops);
        _contents.Hear(stops.Runs);
        _tag = response.Headers.ETag;
        return null;
    }

    private async Task WaitAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            await Task.Delay(time, _timeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Warning, "The portal does not tell of budgets: {Reason}. What it said last holds for {Seconds} seconds, then no budget stops a call")]
        public static partial void Away(ILogger logger, string reason, double seconds);

        [LoggerMessage(41, LogLevel.Information, "The portal tells of budgets again")]
        public static partial void Back(ILogger logger);
    }
}
