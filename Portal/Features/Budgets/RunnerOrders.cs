using System.Data.Common;
using System.Security.Cryptography;
using Portal.Runner.Contract;

namespace Portal.Features.Budgets;

/// <summary>What runners are to do: which calls budgets stop, and what is kept of the others.</summary>
/// <param name="board">How budgets stand.</param>
/// <param name="policies">Null where nothing is kept.</param>
internal sealed class RunnerOrders(BudgetBoard board, IContentPolicies? policies = null)
{
    /// <summary>As it is now, with a tag that changes with it; when the tag is <paramref name="known"/>, once it differs or time is over.</summary>
    public async Task<(BudgetStops Stops, string Tag)> WaitAsync(string? @namespace, string? known, CancellationToken over)
    {
        while (true)
        {
            // First, so that no change is missed.
            var (replaced, changed) = (board.Replaced, policies?.Changed ?? board.Replaced);
            var stops = board.For(@namespace) with { Runs = @namespace is null ? null : await FindRunsAsync(@namespace) };
            var tag = TagOf(stops);
            if (tag != known || over.IsCancellationRequested)
            {
                return (stops, tag);
            }

            // Each with its own end: what waits for either of two that never come is never let go.
            await Task.WhenAny(replaced.WaitAsync(over), changed.WaitAsync(over));
        }
    }

    /// <summary>Budgets hold also while the database is away; nothing is kept then.</summary>
    private async Task<ContentPolicy?> FindRunsAsync(string @namespace)
    {
        try
        {
            return policies is null ? null : await policies.FindAsync(@namespace);
        }
        catch (DbException)
        {
            return null;
        }
    }

    private static string TagOf(BudgetStops stops) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(stops, BudgetJson.Default.BudgetStops)))[..16]}\"";
}
