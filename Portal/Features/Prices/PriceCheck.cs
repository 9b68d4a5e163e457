namespace Portal.Features.Prices;

/// <summary>Finds what is wrong with a price before it is stored.</summary>
internal static class PriceCheck
{
    private const int LongestName = 256;
    private const int LongestNote = 1_000;
    private const int MostTiers = 10;
    private const int MostStars = 8;

    /// <summary>More than this for a million tokens, or for one request, is a slip of the pen.</summary>
    private const decimal MostMoney = 10_000m;

    private static readonly DateTimeOffset s_first = new(2015, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The price, or what is wrong with it.</summary>
    public static (Price? Price, IReadOnlyList<FieldProblem> Problems) Read(PriceForm form, DateTimeOffset now)
    {
        List<FieldProblem> problems = [];
        Text(problems, "provider", form.Provider, LongestName, required: true);
        Text(problems, "model", form.Model, LongestName, required: true);
        Text(problems, "note", form.Note, LongestNote, required: false);
        if (form.Model?.Count(static character => character == '*') > MostStars)
        {
            problems.Add(new("model", $"has more than {MostStars} stars"));
        }

        Moment(problems, form.ValidFrom, now);
        if (form.Currency is not { Length: 3 } currency || currency.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            problems.Add(new("currency", "must be three capital letters such as USD"));
        }

        Rates(problems, "perMillion", form.PerMillion);
        Money(problems, "perRequest", form.PerRequest);
        Percent(problems, "batchDiscountPercent", form.BatchDiscountPercent);
        Tiers(problems, form.Tiers ?? []);
        return problems.Count > 0 ? (null, problems) : (PriceOf(form), problems);
    }

    /// <summary>What stands against a price beside those in force; null when nothing does.</summary>
    public static FieldProblem? FindConflict(Price price, IEnumerable<Price> entered)
    {
        foreach (var other in entered.Where(other => other.Provider.Equals(price.Provider, StringComparison.OrdinalIgnoreCase)))
        {
            if (other.Model == price.Model && other.ValidFrom == price.ValidFrom)
            {
                return new("validFrom", $"{other.Provider}/{other.Model} has a price from {other.ValidFrom:u} on already; change that one, or let this one begin at another time");
            }

            if (other.ValidFrom == price.ValidFrom && other.Model.Contains('*', StringComparison.Ordinal) && price.Model.Contains('*', StringComparison.Ordinal)
                && ModelPattern.Weight(other.Model) == ModelPattern.Weight(price.Model) && ModelPattern.Overlap(other.Model, price.Model))
            {
                return new("model", $"and {other.Model} cover the same models from the same time on, and neither says more; make one of them say more");
            }

            if (other.Model == price.Model && other.Currency != price.Currency)
            {
                return new("currency", $"is {other.Currency} in the other prices of {other.Provider}/{other.Model}; sums of two currencies cannot be compared, so write this one in {other.Currency} too");
            }
        }

        return null;
    }

    public static FieldProblem? FindProblem(PriceDiscountForm form, DateTimeOffset now)
    {
        List<FieldProblem> problems = [];
        Text(problems, "provider", form.Provider, LongestName, required: true);
        Text(problems, "note", form.Note, LongestNote, required: false);
        Moment(problems, form.ValidFrom, now);
        Percent(problems, "percent", form.Percent);
        return problems.FirstOrDefault();
    }

    private static Price PriceOf(PriceForm form) => new()
    {
        Provider = form.Provider!.Trim().ToLowerInvariant(),
        Model = form.Model!.Trim(),
        ValidFrom = WholeSecond(form.ValidFrom!.Value),
        Currency = form.Currency,
        Rates = form.PerMillion!.ToRates(),
        Request = Amounts.Nanos(form.PerRequest),
        BatchDiscount = (int)(form.BatchDiscountPercent * 100),
        Tiers = [.. (form.Tiers ?? []).Select(tier => new PriceTier(tier.AboveInputTokens, tier.PerMillion!.ToRates()))],
        Note = string.IsNullOrWhiteSpace(form.Note) ? null : form.Note.Trim(),
    };

    public static DateTimeOffset WholeSecond(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private static void Text(List<FieldProblem> problems, string field, string? value, int longest, bool required)
    {
        if (required && string.IsNullOrWhiteSpace(value))
        {
            problems.Add(new(field, "is missing"));
        }
        else if (value?.Length > longest)
        {
            problems.Add(new(field, $"is longer than {longest} characters"));
        }
        else if (value?.AsSpan().ContainsAnyInRange('\0', '\x1f') == true)
        {
            problems.Add(new(field, "holds a control character"));
        }
    }

    private static void Moment(List<FieldProblem> problems, DateTimeOffset? validFrom, DateTimeOffset now)
    {
        if (validFrom is not { } from)
        {
            problems.Add(new("validFrom", "is missing; write a time such as 2026-01-01T00:00:00Z"));
        }
        else if (from < s_first || from > now.AddYears(5))
        {
            problems.Add(new("validFrom", $"must be from {s_first:yyyy} on, and not more than five years ahead"));
        }
    }

    private static void Rates(List<FieldProblem> problems, string field, RatesForm? rates)
    {
        foreach (var (name, amount) in (rates ?? new RatesForm()).All)
        {
            if (amount is { } known)
            {
                Money(problems, $"{field}.{name}", known);
            }
            else if (name is "input" or "output")
            {
                problems.Add(new($"{field}.{name}", "is missing; write 0 when it costs nothing"));
            }
        }

        if (rates?.CachedInput > rates?.Input)
        {
            problems.Add(new($"{field}.cachedInput", "is more than input costs; a cache does not make tokens dearer"));
        }

        if (rates?.CacheWriteHour < rates?.CacheWrite)
        {
            problems.Add(new($"{field}.cacheWriteHour", "is less than cacheWrite; what is kept longer does not cost less"));
        }
    }

    private static void Money(List<FieldProblem> problems, string field, decimal amount)
    {
        if (amount is < 0 or > MostMoney)
        {
            problems.Add(new(field, $"must be from 0 to {MostMoney:0}"));
        }
        else if (decimal.Round(amount, 9) != amount)
        {
            problems.Add(new(field, "has more than nine digits behind the point"));
        }
    }

    private static void Percent(List<FieldProblem> problems, string field, decimal percent)
    {
        if (percent is < 0 or > 100 || decimal.Round(percent, 2) != percent)
        {
            problems.Add(new(field, "must be from 0 to 100, with at most two digits behind the point"));
        }
    }

    private static void Tiers(List<FieldProblem> problems, IReadOnlyList<TierForm> tiers)
    {
        if (tiers.Count > MostTiers)
        {
            problems.Add(new("tiers", $"are more than {MostTiers}"));
        }

        for (var index = 0; index < Math.Min(tiers.Count, MostTiers); index++)
        {
            if (tiers[index].AboveInputTokens <= (index == 0 ? 0 : tiers[index - 1].AboveInputTokens))
            {
                problems.Add(new($"tiers[{index}].aboveInputTokens", "must be more than that of the tier before"));
            }

            Rates(problems, $"tiers[{index}].perMillion", tiers[index].PerMillion);
        }
    }
}
