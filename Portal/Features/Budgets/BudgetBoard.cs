using System.Collections.Frozen;
using Portal.Runner.Contract;

namespace Portal.Features.Budgets;

/// <summary>How all budgets stand, as last counted, and what follows for calls. Thread-safe; reading costs no I/O.</summary>
public sealed class BudgetBoard
{
    private volatile Standing _standing = new(FrozenDictionary<string, BudgetStatus>.Empty, BudgetStops.None);

    private readonly TaskCompletionSource _counted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Standing(FrozenDictionary<string, BudgetStatus> All, BudgetStops Stops)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Raised after budgets were counted anew and something differs, on any thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>Raised as <see cref="Changed"/> is, when what stops calls differs: spending alone does not.</summary>
    public event Action? StopsChanged;

    /// <summary>Completes when budgets were counted for the first time, also when there are none.</summary>
    public Task Counted => _counted.Task;

    /// <summary>The used-up budgets that stop calls, by their ids: which of two equal ones is named must not depend on who counted.</summary>
    public BudgetStops Stops => _standing.Stops;

    public IReadOnlyCollection<BudgetStatus> All => _standing.All.Values;

    /// <summary>How a budget stands, also when it was changed since it was counted, as long as the same spending counts; null until it was counted.</summary>
    public BudgetStatus? Find(Budget budget) =>
        _standing.All.TryGetValue(budget.Id, out var status) && CountsTheSame(status.Budget, budget) ? status with { Budget = budget } : null;

    /// <summary>The stops that can concern calls of a namespace; null is any.</summary>
    public BudgetStops For(string? @namespace) =>
        new() { Stops = [.. _standing.Stops.Stops.Where(stop => @namespace is null || stop.Namespace is null || stop.Namespace == @namespace)] };

    /// <summary>Completes when something differs from now.</summary>
    internal Task Replaced => _standing.Replaced.Task;

    internal void Replace(IReadOnlyCollection<BudgetStatus> all)
    {
        var before = _standing;
        if (all.Count == before.All.Count && all.All(status => before.All.TryGetValue(status.Budget.Id, out var known) && IsSame(known, status)))
        {
            _counted.TrySetResult();
            return;
        }

        var stops = all.Where(status => status.Stops).Select(StopOf).OrderBy(stop => stop.Id, StringComparer.Ordinal).ToArray();
        _standing = new Standing(all.ToFrozenDictionary(status => status.Budget.Id), new BudgetStops { Stops = stops });
        _counted.TrySetResult();
        before.Replaced.SetResult();
        Changed?.Invoke();
        if (!stops.SequenceEqual(before.Stops.Stops))
        {
            StopsChanged?.Invoke();
        }
    }

    private static bool IsSame(BudgetStatus one, BudgetStatus other) =>
        one.Budget.Version == other.Budget.Version && one.Window == other.Window && one.Spend.Nanos == other.Spend.Nanos && one.Spend.Calls == other.Spend.Calls
        && one.Spend.Unpriced == other.Spend.Unpriced && one.Spend.Others.Count == other.Spend.Others.Count
        && one.Spend.Others.All(pair => other.Spend.Others.TryGetValue(pair.Key, out var value) && value == pair.Value);

    private static bool CountsTheSame(Budget one, Budget other) =>
        (one.Scope, one.Namespace, one.Subject, one.Currency, one.Period, one.TimeZone) == (other.Scope, other.Namespace, other.Subject, other.Currency, other.Period, other.TimeZone);

    private static BudgetStop StopOf(BudgetStatus status)
    {
        var budget = status.Budget;
        return new BudgetStop
        {
            Id = budget.Id,
            Name = budget.Name,
            Namespace = budget.Place,
            Flow = Of(BudgetScope.Flow),
            Team = Of(BudgetScope.Team),
            User = Of(BudgetScope.User),
            Token = Of(BudgetScope.Token),
            Until = status.Window.To,
            Contact = budget.Contact.Length == 0 ? null : budget.Contact,
            Shadow = budget.Enforcement == BudgetEnforcement.Shadow,
        };

        string? Of(BudgetScope scope) => budget.Scope == scope ? budget.Subject : null;
    }
}
