using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Telemetry;

namespace Portal.Runner.Budgets;

/// <summary>
/// Refuses calls that a used-up budget stops, before anything is spent. What the portal said last holds for a minute without news; then calls go through, as
/// they do before its first word: a portal that is away stops nobody's work. Thread-safe; a check takes no lock and no I/O.
/// </summary>
internal sealed class BudgetGate(TimeProvider timeProvider)
{
    /// <summary>How long the portal's last word holds.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(60);

    private sealed record Word(BudgetStops Stops, long At);

    private volatile Word? _last;

    /// <summary>The portal said what stops calls now.</summary>
    public void Hear(BudgetStops stops) => _last = new Word(stops, timeProvider.GetTimestamp());

    /// <summary>The portal said that nothing has changed.</summary>
    public void HearAgain()
    {
        if (_last is { } last)
        {
            _last = last with { At = timeProvider.GetTimestamp() };
        }
    }

    /// <summary>The budget that stops a call, for whoever can wait; null when none does.</summary>
    public BudgetStop? Find(BudgetedCall call) =>
        _last is { Stops.Stops.Count: > 0 } last && timeProvider.GetElapsedTime(last.At) <= Trust ? last.Stops.Find(call, timeProvider.GetUtcNow()) : null;

    /// <exception cref="GenkitException">A budget stops the call (<see cref="GenkitStatus.ResourceExhausted"/>).</exception>
    public void Check(BudgetedCall call)
    {
        if (_last is not { Stops.Stops.Count: > 0 } last)
        {
            return;
        }

        var now = timeProvider.GetUtcNow();
        if (last.Stops.Find(call, now) is { } stop)
        {
            if (timeProvider.GetElapsedTime(last.At) > Trust)
            {
                Count("open");
                return;
            }

            Count("refused");
            throw new GenkitException(GenkitStatus.ResourceExhausted, stop.Explain()) { RetryAfter = stop.Until - now, Details = stop.Details() };
        }

        if (last.Stops.FindShadow(call, now) is not null)
        {
            Count("shadow");
        }
    }

    private static void Count(string result) => RunnerTelemetry.BudgetDecisions.Add(1, new KeyValuePair<string, object?>("result", result));
}
