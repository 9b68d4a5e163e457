using System.Buffers;
using System.Text.Encodings.Web;
using System.Threading.Channels;
using Portal.Runner.Content;
using Portal.Runner.Contract;
using Portal.Runner.Hosting;
using Portal.Runner.Telemetry;

namespace Portal.Runner.Usage;

/// <summary>
/// Tells the portal of each call, once. A record goes from the call into a bounded queue, from there to the spool within a hundredth of a second, and
/// from the spool to the portal, which drops what it knows already. A call never waits for any of it. What a killed process loses is what was still
/// in the queue; what a machine without power loses is what was not synced: at most the last 30 seconds, and only while the portal is away.
/// </summary>
internal sealed partial class UsageReporter : IAsyncDisposable
{
    private const int QueueLength = 16_384;
    private const int MostUnwritten = 8 * 1024 * 1024;
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_syncInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_drainPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_writeRetry = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of what was said in calls that may wait to be written, about.</summary>
    private const long MostWords = 32 * 1024 * 1024;

    private readonly Channel<(UsageRecord Record, CallWords? Words)> _queue = Channel.CreateBounded<(UsageRecord, CallWords?)>(
        new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    // What records say of themselves needs no more escaping, and what was said in calls is half as long.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _lines = new(64 * 1024);
    private readonly CancellationTokenSource _stopping = new();
    private readonly UsageSpool _spool;
    private readonly UsageSender _sender;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Task _writing;
    private readonly Task _sending;
    private long _lastSync;
    private int _queued;
    private readonly long _mostWaiting;
    private long _dropped;
    private long _words;
    private long _wordless;
    private bool _isFull;
    private bool _disposed;

    /// <exception cref="StartupException">The spool's folder cannot be used.</exception>
    public UsageReporter(UsageOptions options, HttpMessageInvoker client, TimeProvider timeProvider, ILogger<UsageReporter> logger)
    {
        (_timeProvider, _logger, _mostWaiting) = (timeProvider, logger, options.SpoolBytes / 2);
        try
        {
            _spool = new UsageSpool(options.SpoolDirectory, options.SpoolBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"{RuntimeLayout.UsageSpoolVariable}: usage cannot be kept in {options.SpoolDirectory}: {exception.Message} Name a folder that can be written.", exception);
        }

        _lastSync = timeProvider.GetTimestamp();
        _sender = new UsageSender(_spool, new UsageDelivery(options, client, timeProvider), timeProvider, logger);
        _writing = Task.Run(WriteAsync);
        _sending = Task.Run(() => _sender.RunAsync(_stopping.Token));
    }

    /// <summary>Records that were lost because the disk did not keep up, or because the spool was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Returns at once. What was said goes with the record as long as there is room for it; the record counts more.</summary>
    public void Report(UsageRecord record, CallWords? words = null)
    {
        if (words is not null && Interlocked.Add(ref _words, words.Size) > MostWords)
        {
            Interlocked.Add(ref _words, -words.Size);
            LeaveOut();
            words = null;
        }

        if (!_queue.Writer.TryWrite((record, words)))
        {
            Interlocked.Add(ref _words, -(words?.Size ?? 0));
            Drop();
        }
    }

    /// <summary>Returns when the portal has taken everything, or the time is over.</summary>
    public async Task DrainAsync(TimeSpan most)
    {
        var started = _timeProvider.GetTimestamp();
        while ((_queue.Reader.Count > 0 || Volatile.Read(ref _queued) > 0 || _spool.Pending > 0) && _timeProvider.GetElapsedTime(started) < most)
        {
            await Task.Delay(s_drainPoll, _timeProvider);
        }
    }

    /// <summary>Writes what is queued to disk, and tries once more to deliver it. What is not delivered waits in the spool for the next runner.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _writing;
        await _sending;
        await _sender.FlushAsync();
        _spool.Sync();
        _spool.Dispose();
        _sender.Dispose();
        _stopping.Dispose();
    }

    private async Task WriteAsync()
    {
        var reader = _queue.Reader;
        // What could not be written waits for room, not for the next call.
        while (_queued > 0 || await reader.WaitToReadAsync())
        {
            // What ends at the same time is written at once.
            await WaitAsync(s_gather);
            while (_lines.WrittenCount < MostUnwritten && reader.TryRead(out var call))
            {
                Add(call.Words is { } words ? call.Record with { Content = Read(words) } : call.Record);
            }

            if (!TryAppend())
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                await WaitAsync(s_writeRetry);
            }
        }
    }

    private void Add(UsageRecord record)
    {
        using var writer = new Utf8JsonWriter(_lines, s_json);
        JsonSerializer.Serialize(writer, record, UsageJson.Default.UsageRecord);
        writer.Flush();
        _lines.Write("\n"u8);
        _queued++;
    }

    /// <summary>Null when there is no room for it: while the portal is away, half of the spool stays for records alone.</summary>
    private CallContent? Read(CallWords words)
    {
        Interlocked.Add(ref _words, -words.Size);
        if (_spool.Pending > _mostWaiting)
        {
            LeaveOut();
            return null;
        }

        try
        {
            return words.Read();
        }
        catch (Exception exception)
        {
            // Whatever it was: no record is lost for it. The message might repeat what was said.
            Log.NotRead(_logger, exception.GetType().Name);
            return null;
        }
    }

    /// <summary>A full disk leaves the lines where they are: there may be room later.</summary>
    private bool TryAppend()
    {
        try
        {
            if (_spool.Append(_lines.WrittenSpan) is > 0 and var bytes)
            {
                Log.SpoolFull(_logger, bytes);
            }

            RunnerTelemetry.UsageSpool.Record(_spool.Pending);
            _lines.ResetWrittenCount();
            (_queued, _isFull) = (0, false);
            _sender.Wake();
            if (_timeProvider.GetElapsedTime(_lastSync) >= s_syncInterval)
            {
                _spool.Sync();
                _lastSync = _timeProvider.GetTimestamp();
            }

            return true;
        }
        catch (IOException exception)
        {
            if (!_isFull)
            {
                Log.NotWritten(_logger, exception.Message);
            }

            _isFull = true;
            return false;
        }
    }

    private void Drop()
    {
        RunnerTelemetry.UsageRecords.Add(1, new KeyValuePair<string, object?>("result", "dropped"));
        var dropped = Interlocked.Increment(ref _dropped);
        if (dropped % 1000 == 1)
        {
            Log.QueueFull(_logger, dropped);
        }
    }

    private void LeaveOut()
    {
        if (Interlocked.Increment(ref _wordless) is var left && left % 1000 == 1)
        {
            Log.LeftOut(_logger, left);
        }
    }

    private async Task WaitAsync(TimeSpan time) =>
        await Task.Delay(time, _timeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Error, "Usage records cannot be written to the spool: {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);

        [LoggerMessage(31, LogLevel.Error, "The usage spool is full: its oldest {Bytes} bytes were dropped")]
        public static partial void SpoolFull(ILogger logger, long bytes);

        [LoggerMessage(32, LogLevel.Error, "The disk does not keep up with usage records: {Dropped} were dropped so far")]
        public static partial void QueueFull(ILogger logger, long dropped);

        [LoggerMessage(38, LogLevel.Warning, "There is no room for what was said in calls: {Count} records went without it so far")]
        public static partial void LeftOut(ILogger logger, long count);

        [LoggerMessage(39, LogLevel.Error, "What was said in a call could not be kept: {Error}")]
        public static partial void NotRead(ILogger logger, string error);
    }
}
