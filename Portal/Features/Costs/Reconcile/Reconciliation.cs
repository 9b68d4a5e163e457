using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Features.Costs.Reconcile;

/// <summary>Why a day of a model is not the same here and there, most likely.</summary>
public enum Verdict
{
    Agrees,

    /// <summary>The portal has no price for some of the calls.</summary>
    Unpriced,

    /// <summary>The same tokens cost another amount there.</summary>
    OtherPrice,

    /// <summary>The provider counted more than was told here.</summary>
    MissingCalls,

    /// <summary>Here was more than the file says.</summary>
    MissingInFile,

    /// <summary>What lacks on one day is on the next or the one before.</summary>
    OtherDay,
}

/// <summary>What is known here of a day and model.</summary>
public sealed record OwnLine(DateOnly Day, string Model, long Tokens, decimal Cost, long Calls, long Unpriced, long Incomplete);

/// <summary>A day and model as both sides have it; null where a side has nothing.</summary>
/// <param name="Reason">A sentence for people.</param>
public sealed record ReconciledLine(DateOnly Day, string Model, InvoiceLine? Theirs, OwnLine? Ours, Verdict Verdict, string Reason)
{
    public decimal CostDifference => (Theirs?.Cost ?? 0) - (Ours?.Cost ?? 0);

    public long TokenDifference => (Theirs?.Tokens ?? 0) - (Ours?.Tokens ?? 0);
}

/// <summary>An invoice beside the portal's own figures. Costs agree when they are the same to half a cent, tokens when they are the same.</summary>
public sealed partial class Reconciliation
{
    public const string AllModels = "all models";
    private const decimal HalfACent = 0.005m;

    private readonly bool _hasTokens;
    private readonly bool _hasCosts;

    private Reconciliation(Invoice invoice, IReadOnlyList<OwnLine> own)
    {
        (_hasTokens, _hasCosts) = (invoice.Lines.Any(line => line.Tokens is not null), invoice.Lines.Any(line => line.Cost is not null));
        var isByModel = invoice.Lines.Any(line => line.Model.Length > 0);
        var theirs = invoice.Lines.GroupBy(line => (line.Day, Model: NameOf(line.Model, isByModel))).ToDictionary(group => group.Key, group => group.Aggregate(Join) with { Model = group.Key.Model });
        var ours = own.GroupBy(line => (line.Day, Model: NameOf(line.Model, isByModel))).ToDictionary(group => group.Key, group => group.Aggregate(Join) with { Model = group.Key.Model });
        var pairs = theirs.Keys.Union(ours.Keys).OrderBy(key => key.Day).ThenBy(key => key.Model, StringComparer.Ordinal)
            .Select(key => (key.Day, key.Model, Theirs: theirs.GetValueOrDefault(key), Ours: ours.GetValueOrDefault(key))).ToList();
        var byKey = pairs.ToDictionary(pair => (pair.Day, pair.Model), pair => DifferenceOf(pair.Theirs, pair.Ours));
        Lines = [.. pairs.Select(pair => LineOf(pair.Day, pair.Model, pair.Theirs, pair.Ours, byKey))];
    }

    public IReadOnlyList<ReconciledLine> Lines { get; }

    /// <summary>Whether all of it agrees.</summary>
    public bool Agrees => Lines.All(line => line.Verdict == Verdict.Agrees);

    /// <param name="own">Of the same days and in the same currency.</param>
    public static Reconciliation Of(Invoice invoice, IReadOnlyList<OwnLine> own) => new(invoice, own);

    /// <summary>A model's name without what only tells its versions apart: a date, a number, <c>-latest</c>, <c>-preview</c>.</summary>
    public static string NameOf(string model)
    {
        var name = model.Trim().ToLowerInvariant();
        name = name[(name.LastIndexOf('/') + 1)..];
        return Version().Replace(name, "");
    }

    private static string NameOf(string model, bool isByModel) => !isByModel ? AllModels : model.Length == 0 ? "other" : NameOf(model);

    private static InvoiceLine Join(InvoiceLine left, InvoiceLine right) => left with { Tokens = Add(left.Tokens, right.Tokens), Cost = Add(left.Cost, right.Cost) };

    private static OwnLine Join(OwnLine left, OwnLine right) => left with
    {
        Tokens = left.Tokens + right.Tokens,
        Cost = left.Cost + right.Cost,
        Calls = left.Calls + right.Calls,
        Unpriced = left.Unpriced + right.Unpriced,
        Incomplete = left.Incomplete + right.Incomplete,
    };

    private static T? Add<T>(T? left, T? right) where T : struct, System.Numerics.INumber<T> => left is null ? right : right is null ? left : left + right;

    private decimal DifferenceOf(InvoiceLine? theirs, OwnLine? ours) => _hasTokens ? (theirs?.Tokens ?? 0) - (ours?.Tokens ?? 0) : (theirs?.Cost ?? 0) - (ours?.Cost ?? 0);

    private ReconciledLine LineOf(DateOnly day, string model, InvoiceLine? theirs, OwnLine? ours, Dictionary<(DateOnly, string), decimal> differences)
    {
        var (verdict, reason) = ReasonOf(day, model, theirs, ours, differences);
        return new ReconciledLine(day, model, theirs, ours, verdict, reason);
    }

    private (Verdict, string) ReasonOf(DateOnly day, string model, InvoiceLine? theirs, OwnLine? ours, Dictionary<(DateOnly, string), decimal> differences)
    {
        var sameTokens = !_hasTokens || (theirs?.Tokens ?? 0) == (ours?.Tokens ?? 0);
        var sameCost = !_hasCosts || Math.Abs((theirs?.Cost ?? 0) - (ours?.Cost ?? 0)) < HalfACent;
        if (sameTokens && sameCost)
        {
            return (Verdict.Agrees, ours is { Unpriced: > 0 } ? $"{(_hasCosts ? "Agrees" : "Tokens agree")}; {Count(ours.Unpriced)} have no price here." : "Agrees.");
        }

        if (OtherDayOf(day, model, differences) is { } other)
        {
            return (Verdict.OtherDay, Text($"On {other:yyyy-MM-dd} it is as much the other way: the days of the file begin at another hour than those compared here. Choose its time zone."));
        }

        if (ours is null)
        {
            return (Verdict.MissingCalls, "Nothing of it is known here: it was called with this account, but not through flows or runs of this portal, or its runners could not tell of it.");
        }

        if (theirs is null)
        {
            return (Verdict.MissingInFile, "The file says nothing of it: another account or key paid for it, or the file does not reach that far.");
        }

        if (_hasTokens && sameTokens)
        {
            return ours.Unpriced > 0 ? (Verdict.Unpriced, $"The tokens agree, but {Count(ours.Unpriced)} have no price here.") : (Verdict.OtherPrice, PriceReason(theirs, ours));
        }

        if (!_hasTokens && ours.Unpriced > 0)
        {
            return (Verdict.Unpriced, $"{Count(ours.Unpriced)} have no price here.");
        }

        return DifferenceOf(theirs, ours) > 0
            ? (Verdict.MissingCalls, MissingReason(theirs, ours))
            : (Verdict.MissingInFile, _hasTokens
                ? Text($"Here are {ours.Tokens - (theirs.Tokens ?? 0):N0} tokens more: a part was paid for by another account or key, or was retried and not billed.")
                : "Here it costs more: a discount that has no price here, or a part that another account paid for. The file has no tokens to tell.");
    }

    private string MissingReason(InvoiceLine theirs, OwnLine ours)
    {
        var cut = ours.Incomplete > 0 ? $" {Count(ours.Incomplete)} were cut off before the provider had told all." : "";
        return _hasTokens
            ? Text($"The provider counted {theirs.Tokens - ours.Tokens:N0} tokens more than was told here: calls past this portal, or calls that were lost.{cut}")
            : $"There it costs more: another price, or calls past this portal. The file has no tokens to tell.{cut}";
    }

    private static string PriceReason(InvoiceLine theirs, OwnLine ours) => ours.Tokens == 0 ? "There is a price for something that is no token, such as a search." : Text(
        $"The tokens agree, the price does not: there a million costs {theirs.Cost / ours.Tokens * 1_000_000m:0.00##} on average, here {ours.Cost / ours.Tokens * 1_000_000m:0.00##}. A discount, a tier, or a new price.");

    // What lacks here is there on a day beside it, to a hundredth.
    private static DateOnly? OtherDayOf(DateOnly day, string model, Dictionary<(DateOnly, string), decimal> differences)
    {
        var own = differences[(day, model)];
        foreach (var other in new[] { day.AddDays(-1), day.AddDays(1) })
        {
            if (own != 0 && differences.TryGetValue((other, model), out var difference) && Math.Sign(difference) == -Math.Sign(own) && Math.Abs(own + difference) <= Math.Abs(own) * 0.01m)
            {
                return other;
            }
        }

        return null;
    }

    private static string Count(long calls) => Text($"{calls:N0} {(calls == 1 ? "call" : "calls")}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(-preview)?(-latest|[-@]\d{4}-\d{2}-\d{2}|[-@]\d{8}|-\d{2}-\d{4}|-\d{2}-\d{2}|-\d{4}|-\d{3})?(-preview)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
