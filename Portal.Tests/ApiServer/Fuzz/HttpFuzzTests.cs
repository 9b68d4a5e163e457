using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Portal.Tests.Shared;
using Xunit.Abstractions;

namespace Portal.Tests.ApiServer.Fuzz;

/// <summary>
/// Thousands of seeded requests: none may make the server fail, hang or grow, and every refusal is a Status with the reason that belongs to its code.
/// GENKIT_TEST_LONG=1 sends 100,000; GENKIT_TEST_SEED repeats a run.
/// </summary>
public sealed class HttpFuzzTests(ITestOutputHelper output)
{
    private const int Senders = 4;
    private const int MostProblems = 20;
    private const long MaxGrowth = 200 * 1024 * 1024;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<int, string[]> s_reasons = new()
    {
        [400] = ["BadRequest"],
        [401] = ["Unauthorized"],
        [403] = ["Forbidden"],
        [404] = ["NotFound"],
        [405] = ["MethodNotAllowed"],
        [406] = ["NotAcceptable"],
        [409] = ["Conflict", "AlreadyExists"],
        [410] = ["Expired", "Gone"],
        [413] = ["RequestEntityTooLarge"],
        [415] = ["UnsupportedMediaType"],
        [422] = ["Invalid"],
        [503] = ["ServiceUnavailable"],
        [504] = ["Timeout"],
    };

    [Fact]
    public async Task Answers_ToAnything_AreProperOnes()
    {
        var count = TestMode.IsLong ? 100_000 : 5_000;
        var seed = TestMode.SeedOr(20_240_501);
        output.WriteLine($"seed {seed}, {count} requests");
        using var failures = new Failures();
        await using var api = await TestApi.StartAsync(timeProvider: new HastyTimeProvider(), loggers: failures);
        await SendAsync(api, count / 5, seed, failures);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await SendAsync(api, count - (count / 5), seed + Senders, failures);

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < MaxGrowth, $"seed {seed}: the heap grew by {grown >> 20} MB");
        await api.GetAsync("/api/v1/namespaces/default");
        Assert.True(failures.Told.IsEmpty, string.Join("\n\n", failures.Told));
    }

    private static async Task SendAsync(TestApi api, int count, int seed, Failures failures)
    {
        var problems = new ConcurrentQueue<string>();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            var requests = new FuzzRequests(new Random(seed + sender));
            for (var i = 0; i < count / Senders && problems.Count < MostProblems; i++)
            {
                if (i % 200 == 0)
                {
                    // Requests delete it sometimes.
                    await api.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", TestApi.ThingDefinition());
                }

                var (request, told) = requests.Next();
                using (request)
                {
                    if (await ProblemAsync(api.Http, request) is { } problem)
                    {
                        problems.Enqueue($"seed {seed + sender}, request {i}: {problem}\n{told}");
                    }
                }
            }
        })));
        Assert.True(problems.IsEmpty, string.Join("\n\n", problems.Concat(failures.Told)));
    }

    /// <summary>What is wrong with the answer; null when it is a proper one.</summary>
    private static async Task<string?> ProblemAsync(HttpClient http, HttpRequestMessage request)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            using var response = await http.SendAsync(request, patience.Token);
            var code = (int)response.StatusCode;
            var text = await response.Content.ReadAsStringAsync(patience.Token);
            if (code < 400 || request.Method == HttpMethod.Head)
            {
                return code >= 500 && !s_reasons.ContainsKey(code) ? $"{code}" : null;
            }

            if (response.StatusCode == HttpStatusCode.NotFound && text == "404 page not found\n")
            {
                return null;
            }

            if (code == 400 && text.Length == 0 && !IsHttp(request.RequestUri!.OriginalString))
            {
                return null;
            }

            var status = text.StartsWith('{') ? JsonNode.Parse(text) : null;
            return status?["kind"]?.ToString() == "Status" && (int?)status["code"] == code && s_reasons.TryGetValue(code, out var reasons)
                && reasons.Contains(status["reason"]?.ToString()) && status["message"]?.ToString() is { Length: > 0 }
                ? null
                : $"{code}: {text}";
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {s_patience.TotalSeconds} s";
        }
        catch (HttpRequestException problem)
        {
            return problem.ToString();
        }
    }

    /// <summary>Whether this can stand in a request line: otherwise the answer comes from the HTTP server, which knows no Status.</summary>
    private static bool IsHttp(string uri)
    {
        var path = uri["http://embedded.invalid".Length..];
        return path.StartsWith('/') && path.All(character => character is > ' ' and < '\x7f') && !path.Contains("%00", StringComparison.Ordinal);
    }

    /// <summary>Keeps the errors that the server logs: behind a 500 is one of them.</summary>
    private sealed class Failures : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Told { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && Told.Count < MostProblems)
            {
                Told.Enqueue($"{formatter(state, exception)}: {exception}");
            }
        }

        public void Dispose()
        {
        }
    }

    /// <summary>The system's clock, whose timers are two hundred times as fast: what waits for seconds does not hold the run up.</summary>
    private sealed class HastyTimeProvider : TimeProvider
    {
        private const int Haste = 200;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Shortened(dueTime), Shortened(period));

        private static TimeSpan Shortened(TimeSpan time) => time > TimeSpan.Zero ? time / Haste : time;
    }
}
