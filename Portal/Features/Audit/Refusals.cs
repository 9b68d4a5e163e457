using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace Portal.Features.Audit;

/// <summary>
/// Records refusals without making anybody wait. The same refusal of the same actor is one row a minute, and of a flood only the first thousand are kept:
/// whoever is refused must not be able to fill the disk.
/// </summary>
public sealed partial class Refusals(AuditLog log, TimeProvider clock, ILogger<Refusals> logger) : BackgroundService
{
    private const int Most = 1000;
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly Channel<AuditEntry> _entries =
        Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ConcurrentDictionary<(string Actor, string Action, string Kind, string? Namespace, string? Name, string? Reason), long> _recent = new();

    public void Note(AuditEntry entry)
    {
        var key = (entry.Actor.Id, entry.Action, entry.Kind, entry.Namespace, entry.Name, entry.Reason);
        if (_recent.Count >= Most)
        {
            Forget();
        }

        var now = clock.GetTimestamp();
        if (_recent.Count < Most && (!_recent.TryGetValue(key, out var last) || clock.GetElapsedTime(last, now) >= s_interval))
        {
            _recent[key] = now;
            _entries.Writer.TryWrite(entry with { Result = AuditResult.Refused, CorrelationId = entry.CorrelationId ?? Activity.Current?.TraceId.ToString() });
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var entry in _entries.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await log.RecordAsync(entry, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.NotRecorded(logger, entry.Action, exception);
            }
        }
    }

    private void Forget()
    {
        foreach (var (key, last) in _recent)
        {
            if (clock.GetElapsedTime(last) >= s_interval)
            {
                _recent.TryRemove(key, out _);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The refusal {Action} could not be recorded")]
        public static partial void NotRecorded(ILogger logger, string action, Exception exception);
    }
}
