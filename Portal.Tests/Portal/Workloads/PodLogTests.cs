using Portal.Embedded.Workloads;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Workloads;

public sealed class PodLogTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("portal-tests-").FullName;
    private readonly PodLog _log;

    // Lines are printed one every 20 ms.
    public PodLogTests() => _log = new PodLog(Path.Combine(_root, "log.txt"), new Ticking());

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task ReadAsync_Tail_GivesTheNewestLines()
    {
        Append("one", "two", "three");

        Assert.Equal(["two", "three"], await ReadAsync(tail: 2));
        Assert.Equal("three", _log.LastLine);
    }

    [Fact]
    public async Task ReadAsync_Follow_GoesOnUntilTheLogCloses()
    {
        Append("one");
        var reading = _log.ReadAsync(null, follow: true, CancellationToken.None).GetAsyncEnumerator();
        await reading.MoveNextAsync();
        var next = reading.MoveNextAsync();
        Append("two");

        Assert.True(await next);
        Assert.Equal("two", reading.Current.Text);
        _log.Dispose();
        Assert.False(await reading.MoveNextAsync());
    }

    [Fact]
    public async Task Append_ValueOfASecret_IsMaskedInMemoryAndFile()
    {
        _log.Mask(["hunter2-hunter2", "a", "-----BEGIN KEY-----\nabcdefghijklmnopqrst\n"]);
        Append("key=hunter2-hunter2 a", "abcdefghijklmnopqrst");

        Assert.Equal(["key=*** a", "***"], await ReadAsync(null));
        Assert.DoesNotContain("hunter2", await File.ReadAllTextAsync(Path.Combine(_root, "log.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadPrevious_AfterARestart_GivesOnlyTheRunBefore()
    {
        Append("genkit-local: before");
        _log.BeginRun();
        Append("first");
        Assert.Empty(_log.ReadPrevious(null));
        _log.BeginRun();
        Append("second");

        Assert.Equal(["first"], _log.ReadPrevious(null).Select(line => line.Text));
        Assert.Equal(3, (await ReadAsync(null)).Count);
    }

    [Fact]
    public async Task Append_MoreThanCanBeKept_IsLeftOutAndTold()
    {
        var clock = new ManualTimeProvider();
        using var log = new PodLog(Path.Combine(_root, "flood.txt"), clock);
        var line = new string('x', 1023);
        for (var number = 0; number < 2048 + 5; number++)
        {
            log.Append(line);
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        log.Append("calm again");

        var lines = new List<string>();
        await foreach (var item in log.ReadAsync(null, follow: false, CancellationToken.None))
        {
            lines.Add(item.Text);
        }

        Assert.Equal(2048 + 2, lines.Count);
        Assert.Equal(["genkit-local: 5 lines were left out: the container prints more than 2 MiB a second", "calm again"], lines[^2..]);
    }

    [Fact]
    public async Task Append_LongLines_KeepsOnlyAFewMegabytes()
    {
        var line = new string('x', 16 * 1024);
        for (var i = 0; i < 600; i++)
        {
            _log.Append(line);
        }

        Assert.InRange((await ReadAsync(null)).Sum(text => text.Length), 4 * 1024 * 1024, 6 * 1024 * 1024);
    }

    [Fact]
    public async Task Append_ALot_StaysBounded()
    {
        var line = new string('x', 1000);
        for (var i = 0; i < 6000; i++)
        {
            _log.Append(line);
        }

        Assert.Equal(5000, (await ReadAsync(null)).Count);
        Assert.InRange(new DirectoryInfo(_root).GetFiles().Sum(file => file.Length), 1 << 20, 3 << 20);
    }

    private void Append(params string[] lines) => Array.ForEach(lines, _log.Append);

    private async Task<List<string>> ReadAsync(int? tail)
    {
        var lines = new List<string>();
        await foreach (var line in _log.ReadAsync(tail, follow: false, CancellationToken.None))
        {
            lines.Add(line.Text);
        }

        return lines;
    }

    private sealed class Ticking : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => _now += TimeSpan.FromMilliseconds(20);
    }
}
