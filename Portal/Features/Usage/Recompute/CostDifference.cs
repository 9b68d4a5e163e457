using Portal.Data;
using Portal.Features.Prices;

namespace Portal.Features.Usage.Recompute;

/// <summary>What the calls of a model cost, and would cost at the prices of now.</summary>
public sealed record ModelDifference
{
    public required string Provider { get; init; }
    public required string Model { get; init; }

    /// <summary>Empty where there was no price, and is none.</summary>
    public required string Currency { get; init; }
    public long Calls { get; init; }
    public long Changed { get; init; }

    /// <summary>Billionths of the currency.</summary>
    public long BeforeNanos { get; init; }

    /// <summary>Billionths of the currency.</summary>
    public long AfterNanos { get; init; }

    /// <summary>Calls without a price.</summary>
    public long UnpricedBefore { get; init; }
    public long UnpricedAfter { get; init; }
}

/// <summary>Adds up differences by model. Not thread-safe.</summary>
internal sealed class CostDifference
{
    private readonly Dictionary<(string Provider, string Model, string Currency), ModelDifference> _models;

    /// <param name="known">What was added up already.</param>
    public CostDifference(IEnumerable<ModelDifference> known) => _models = known.ToDictionary(item => (item.Provider, item.Model, item.Currency));

    public long Calls { get; private set; }

    public long Changed { get; private set; }

    /// <summary>The dearest first.</summary>
    public IReadOnlyList<ModelDifference> Models => [.. _models.Values.OrderByDescending(item => Math.Max(item.BeforeNanos, item.AfterNanos)).ThenBy(item => item.Model, StringComparer.Ordinal)];

    public void Add(UsageRow row, string currency, Cost? after, bool changed)
    {
        Calls++;
        Changed += changed ? 1 : 0;
        var now = after?.Currency ?? "";
        var place = after is null && row.CostNanos is not null ? currency : now;
        _models[(row.Provider, row.Model, place)] = Find(row, place) is var item && (row.CostNanos is null || after is null || currency == now)
            ? item with
            {
                Calls = item.Calls + 1,
                Changed = item.Changed + (changed ? 1 : 0),
                BeforeNanos = item.BeforeNanos + (row.CostNanos ?? 0),
                AfterNanos = item.AfterNanos + (after?.Nanos ?? 0),
                UnpricedBefore = item.UnpricedBefore + (row.CostNanos is null ? 1 : 0),
                UnpricedAfter = item.UnpricedAfter + (after is null ? 1 : 0),
            }
            : item with { Calls = item.Calls + 1, Changed = item.Changed + 1, AfterNanos = item.AfterNanos + after.Nanos };
        if (row.CostNanos is { } before && after is not null && currency != now)
        {
            // It was counted in another currency: there it is gone.
            var left = Find(row, currency);
            _models[(row.Provider, row.Model, currency)] = left with { BeforeNanos = left.BeforeNanos + before };
        }
    }

    private ModelDifference Find(UsageRow row, string currency) => _models.GetValueOrDefault((row.Provider, row.Model, currency))
        ?? new ModelDifference { Provider = row.Provider, Model = row.Model, Currency = currency };
}
