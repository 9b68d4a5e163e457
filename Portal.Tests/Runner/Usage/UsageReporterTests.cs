using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Runner.Contract;
using Portal.Runner.Usage;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Usage;

public sealed class UsageReporterTests : IDisposable
{
    private readonly DirectoryInfo _spool = Directory.CreateTempSubdirectory("usage-");
    private readonly FakePortal _portal = new();
    private readonly FastTimeProvider _time = new();

    public void Dispose()
    {
        _portal.Dispose();
        _spool.Delete(recursive: true);
    }

    [Fact]
    public async Task Report_PortalIsThere_DeliversWithTheTokenAndLeavesNothingBehind()
    {
        await using (var reporter = Start())
        {
            reporter.Report(Record("a"));
            Assert.Equal(["a"], await _portal.NextAsync());
        }

        Assert.Equal("Bearer secret", _portal.Authorization);
        Assert.Empty(_spool.GetFiles());
    }

    [Fact]
    public async Task Dispose_PortalIsAway_KeepsEverythingForTheNextRunner()
    {
        _portal.Answer = static _ => throw new HttpRequestException("Connection refused");
        await using (var reporter = Start())
        {
            for (var index = 0; index < 3000; index++)
            {
                reporter.Report(Record($"call-{index}"));
            }
        }

        Assert.Empty(_portal.Known);
        _portal.Answer = static _ => null;
        await using (Start())
        {
            await UntilKnownAsync(3000);
        }

        Assert.Empty(_spool.GetFiles());
    }

    [Fact]
    public async Task Start_RunnerWasKilledInTheMiddleOfALine_DeliversTheWholeLines()
    {
        var line = JsonSerializer.Serialize(Record("whole"), UsageJson.Default.UsageRecord);
        await File.WriteAllTextAsync(Path.Combine(_spool.FullName, "0.usage"), $"{line}\n\0\0\0\n{{\"callId\":\"broken\n{line.Replace("whole", "second", StringComparison.Ordinal)}\n{line[..40]}");

        await using (Start())
        {
            Assert.Equal(["whole", "second"], await _portal.NextAsync());
        }

        Assert.Empty(_spool.GetFiles());
    }

    [Fact]
    public async Task Start_SpoolOfARunnerThatLives_IsLeftAlone()
    {
        _portal.Answer = static _ => throw new HttpRequestException("Connection refused");
        await using var living = Start();
        living.Report(Record("of the living"));
        await _portal.NextAsync();
        using var other = new FakePortal();

        await using (var second = Start(other))
        {
            second.Report(Record("own"));
            await other.NextAsync();
        }

        Assert.Equal(["own"], other.Known);
    }

    [Fact]
    public async Task Run_AnotherRunnerDiesMeanwhile_TakesOverItsSpool()
    {
        await using var reporter = Start();
        reporter.Report(Record("own"));
        await UntilKnownAsync(1);

        await File.WriteAllTextAsync(Path.Combine(_spool.FullName, "0.usage"), JsonSerializer.Serialize(Record("left"), UsageJson.Default.UsageRecord) + "\n");

        await UntilKnownAsync(2);
        Assert.Contains("left", _portal.Known);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task Report_PortalRefusesForNow_TriesTheSameAgain(HttpStatusCode status)
    {
        var refusals = 3;
        _portal.Answer = _ => refusals-- > 0 ? new HttpResponseMessage(status) : null;
        await using var reporter = Start();

        reporter.Report(Record("a"));

        await UntilKnownAsync(1);
    }

    [Fact]
    public async Task Report_AnswerIsNoReceipt_KeepsTheRecords()
    {
        var first = true;
        _portal.Answer = _ => first ? Page() : null;
        await using var reporter = Start();

        reporter.Report(Record("a"));

        await UntilKnownAsync(1);

        HttpResponseMessage Page()
        {
            first = false;
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>", Encoding.UTF8, "text/html") };
        }
    }

    [Fact]
    public async Task Report_PortalAsksForTime_WaitsThatLong()
    {
        var first = true;
        _portal.Answer = _ => first ? Later() : null;
        await using var reporter = Start();

        reporter.Report(Record("a"));

        await UntilKnownAsync(1);
        Assert.Contains(TimeSpan.FromSeconds(120), _time.Delays);

        HttpResponseMessage Later()
        {
            first = false;
            return new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(120)) } };
        }
    }

    [Fact]
    public async Task Report_PortalIsAwayForLong_WaitsLongerEachTimeUpToAMinute()
    {
        var refusals = 9;
        _portal.Answer = _ => refusals-- > 0 ? throw new HttpRequestException("Connection refused") : null;
        await using var reporter = Start();

        reporter.Report(Record("a"));

        await UntilKnownAsync(1);
        Assert.Contains(_time.Delays, delay => delay > TimeSpan.FromSeconds(20));
        Assert.DoesNotContain(_time.Delays, delay => delay > TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task Report_OneRecordThePortalCannotTake_CostsNoOther()
    {
        _portal.Answer = static ids => ids.Contains("poison") ? new HttpResponseMessage(HttpStatusCode.BadRequest) : null;
        foreach (var id in new[] { "a", "b", "poison", "c", "d", "e" })
        {
            await File.AppendAllTextAsync(Path.Combine(_spool.FullName, "0.usage"), JsonSerializer.Serialize(Record(id), UsageJson.Default.UsageRecord) + "\n");
        }

        await using (Start())
        {
            await UntilKnownAsync(5);
        }

        Assert.Equal(["a", "b", "c", "d", "e"], _portal.Known.Order());
        Assert.Empty(_spool.GetFiles());
    }

    [Fact]
    public async Task Report_SpoolIsFull_KeepsTheNewest()
    {
        _portal.Answer = static _ => throw new HttpRequestException("Connection refused");
        var options = Options() with { SpoolBytes = 2 * 1024 * 1024 };
        using (var spool = new UsageSpool(options.SpoolDirectory, options.SpoolBytes))
        {
            var dropped = 0L;
            for (var index = 0; index < 5000; index++)
            {
                dropped += spool.Append(Encoding.UTF8.GetBytes($$"""{"callId":"{{index}}","pad":"{{new string('x', 1000)}}"}""" + "\n"));
            }

            Assert.True(dropped > 2 * 1024 * 1024);
        }

        _portal.Answer = static _ => null;
        await using (Start())
        {
            while (!_portal.Known.Contains("4999"))
            {
                await _portal.NextAsync();
            }
        }

        Assert.InRange(_spool.GetFiles().Sum(file => file.Length), 0, 2 * 1024 * 1024);
        Assert.DoesNotContain("0", _portal.Known);
    }

    [SmallDiskFact]
    public async Task Report_DiskIsFull_DeliversWhenThereIsRoomThoughNobodyCallsAgain()
    {
        using var disk = new SmallDisk(kibibytes: 64);
        var logger = new AwaitedLogger("cannot be written to the spool");
        await using var reporter = new UsageReporter(
            Options() with { SpoolDirectory = Path.Combine(disk.Path, "usage") }, new HttpMessageInvoker(_portal, disposeHandler: false), _time, logger);
        disk.Fill();

        reporter.Report(Record("a"));
        await logger.Said.WaitAsync(ManualTimeProvider.Patience);
        disk.MakeRoom();

        Assert.Equal(["a"], await _portal.NextAsync());
    }

    [Fact]
    public void Start_SpoolCannotBeWritten_SaysWhichVariable()
    {
        var file = Path.Combine(_spool.FullName, "file");
        File.WriteAllText(file, "");

        var failure = Assert.Throws<global::Portal.Runner.Hosting.StartupException>(() => Start(options: Options() with { SpoolDirectory = Path.Combine(file, "below") }));

        Assert.StartsWith("GENKIT_USAGE_SPOOL: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_TokenFileChanges_UsesTheNewOne()
    {
        var file = Path.Combine(_spool.FullName, "token");
        await File.WriteAllTextAsync(file, "old\n");
        _portal.Answer = _ => File.ReadAllText(file) == "old\n" ? Rotate() : null;
        await using var reporter = Start(options: Options() with { Token = null, TokenFile = file });

        reporter.Report(Record("a"));

        await UntilKnownAsync(1);
        Assert.Equal("Bearer new", _portal.Authorization);

        HttpResponseMessage Rotate()
        {
            File.WriteAllText(file, "new\n");
            return new HttpResponseMessage(HttpStatusCode.Unauthorized);
        }
    }

    private async Task UntilKnownAsync(int count)
    {
        while (_portal.Known.Count < count)
        {
            await _portal.NextAsync();
        }
    }

    private UsageOptions Options() => new() { Portal = "http://portal.test", Token = "secret", SpoolDirectory = _spool.FullName };

    private UsageReporter Start(FakePortal? portal = null, UsageOptions? options = null) =>
        new(options ?? Options(), new HttpMessageInvoker(portal ?? _portal, disposeHandler: false), _time, NullLogger<UsageReporter>.Instance);

    private static UsageRecord Record(string id) => new()
    {
        CallId = id,
        StartedAt = DateTimeOffset.UnixEpoch,
        Provider = "demo",
        Model = "echo",
        Usage = new TokenUsage { InputTokens = 1 },
        FinishReason = "stop",
        Duration = TimeSpan.FromMilliseconds(3),
    };

    private sealed class AwaitedLogger(string words) : ILogger<UsageReporter>
    {
        private readonly TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Said => _said.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains(words, StringComparison.Ordinal))
            {
                _said.TrySetResult();
            }
        }
    }
}
