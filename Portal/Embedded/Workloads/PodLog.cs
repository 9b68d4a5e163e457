using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace Portal.Embedded.Workloads;

/// <summary>One line a container printed.</summary>
/// <param name="Time">When.</param>
/// <param name="Text">Without the line's end.</param>
/// <param name="Run">Which start of the container it was; the first is 1, and 0 is before that.</param>
internal readonly record struct LogLine(DateTimeOffset Time, string Text, int Run = 0)
{
    public string WithTime() => Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture) + " " + Text;
}

/// <summary>
/// What one container printed: the newest lines in memory, and a file that is rotated once. Both are bounded. Values of Secrets are masked.
/// Thread-safe; a reader that follows and falls behind loses lines, never slows the writer. What a container prints beyond a few megabytes a second is left
/// out, and the log says so.
/// </summary>
/// <param name="path">Where the file goes; the older one is kept beside it with the suffix <c>.1</c>.</param>
/// <param name="timeProvider">Stamps the lines.</param>
internal sealed class PodLog(string path, TimeProvider timeProvider) : IDisposable
{
    private const int MaxLines = 5000;
    private const int MaxCharacters = 6 * 1024 * 1024;
    private const int MaxFileBytes = 1 << 20;
    private const int MaxCharactersASecond = 2 * 1024 * 1024;
    private const int ShortestMasked = 6;
    private const int ShortestMaskedLine = 16;

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly HashSet<Channel<LogLine>> _followers = [];
    private StreamWriter? _file;
    private string[] _masked = [];
    private long _characters;
    private long _written;
    private long _second;
    private long _thisSecond;
    private long _dropped;
    private int _run;
    private bool _closed;

    /// <summary>The newest line that is not blank; empty when there is none.</summary>
    public string LastLine
    {
        get
        {
            lock (_gate)
            {
                return _lines.LastOrDefault(line => !string.IsNullOrWhiteSpace(line.Text)).Text ?? "";
            }
        }
    }

    /// <summary>Replaces these values by <c>***</c> in every later line. Very short ones are left: masking them would garble ordinary words.</summary>
    public void Mask(IEnumerable<string> values)
    {
        var all = values.Select(value => value.Trim()).ToList();
        var lines = all.SelectMany(value => value.Split('\n')).Select(line => line.Trim()).Where(line => line.Length >= ShortestMaskedLine);
        var masked = all.Where(value => value.Length >= ShortestMasked).Concat(lines).Distinct().OrderByDescending(value => value.Length).ToArray();
        lock (_gate)
        {
            _masked = masked;
        }
    }

    /// <summary>The container starts: what it printed before is its previous run's.</summary>
    public void BeginRun()
    {
        lock (_gate)
        {
            _run++;
        }
    }

    public void Append(string text)
    {
        lock (_gate)
        {
            if (_closed || !MayWrite(text))
            {
                return;
            }

            foreach (var value in _masked)
            {
                text = text.Replace(value, "***", StringComparison.Ordinal);
            }

            Write(new LogLine(timeProvider.GetUtcNow(), text, _run));
        }
    }

    /// <summary>The lines of the run before the newest; none when there was none.</summary>
    public IReadOnlyList<LogLine> ReadPrevious(int? tail)
    {
        lock (_gate)
        {
            var lines = _lines.Where(line => _run > 1 && line.Run == _run - 1).ToList();
            return tail is { } count ? [.. lines.TakeLast(Math.Max(0, count))] : lines;
        }
    }

    /// <summary>The lines there are, at most <paramref name="tail"/> of them, then, when following, later ones until the log is closed.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(int? tail, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(MaxLines) { FullMode = BoundedChannelFullMode.DropOldest });
        LogLine[] history;
        lock (_gate)
        {
            history = [.. tail is { } count ? _lines.TakeLast(Math.Max(0, count)) : _lines];
            if (follow && !_closed)
            {
                _followers.Add(channel);
            }
            else
            {
                channel.Writer.Complete();
            }
        }

        try
        {
            foreach (var line in history)
            {
                yield return line;
            }

            await foreach (var line in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return line;
            }
        }
        finally
        {
            lock (_gate)
            {
                _followers.Remove(channel);
            }
        }
    }

    /// <summary>Ends the log: followers finish, later lines are dropped. What was printed can still be read.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var follower in _followers)
            {
                follower.Writer.TryComplete();
            }

            _file?.Dispose();
            _file = null;
        }
    }

    // Whoever prints without end must not keep this process busy with it.
    private bool MayWrite(string text)
    {
        var second = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        if (second != _second)
        {
            var dropped = _dropped;
            (_second, _thisSecond, _dropped) = (second, 0, 0);
            if (dropped > 0)
            {
                Write(new LogLine(timeProvider.GetUtcNow(), $"genkit-local: {dropped} lines were left out: the container prints more than {MaxCharactersASecond / 1024 / 1024} MiB a second", _run));
            }
        }

        _thisSecond += text.Length + 1;
        if (_thisSecond <= MaxCharactersASecond)
        {
            return true;
        }

        _dropped++;
        return false;
    }

    private void Write(LogLine line)
    {
        _lines.Enqueue(line);
        _characters += line.Text.Length;
        while (_lines.Count > MaxLines || _characters > MaxCharacters)
        {
            _characters -= _lines.Dequeue().Text.Length;
        }

        foreach (var follower in _followers)
        {
            follower.Writer.TryWrite(line);
        }

        WriteToFile(line);
    }

    private void WriteToFile(LogLine line)
    {
        try
        {
            if (_written > MaxFileBytes)
            {
                _file?.Dispose();
                _file = null;
                File.Move(path, path + ".1", overwrite: true);
                _written = 0;
            }

            _file ??= Open();
            var text = line.WithTime();
            _file.WriteLine(text);
            _written += Encoding.UTF8.GetByteCount(text) + 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk must not stop a flow that answers: the lines in memory remain.
            _file = null;
        }
    }

    private StreamWriter Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(path, options) { AutoFlush = true };
    }
}
