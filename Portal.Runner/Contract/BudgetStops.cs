using System.Text.Json.Serialization;

namespace Portal.Runner.Contract;

/// <summary>
/// What the portal answers to <c>GET /api/v1/budgets/state</c> with the token for usage: the budgets that are used up and stop calls. With
/// <c>?namespace=NAME</c> only those that can concern its calls, and what is kept of them. With <c>If-None-Match</c> and <c>?wait=SECONDS</c> the answer comes when it differs, or as
/// 304 when the time is over.
/// </summary>
public sealed record BudgetStops
{
    public const string Path = "/api/v1/budgets/state";

    /// <summary>Seconds an answer is waited for, at most.</summary>
    public const int MaxWait = 30;

    public static BudgetStops None { get; } = new();

    public IReadOnlyList<BudgetStop> Stops { get; init; } = [];

    /// <summary>What is kept of the namespace's calls, told with the budgets so that runners ask once; null when no namespace was named.</summary>
    public ContentPolicy? Runs { get; init; }

    /// <summary>The budget that stops a call, of several the one that does so for longest; null when none does. One in shadow mode stops none.</summary>
    public BudgetStop? Find(BudgetedCall call, DateTimeOffset now) => Stops.Count == 0 ? null : Strongest(call, now, shadow: false);

    /// <summary>The budget that would stop a call if it were not in shadow mode.</summary>
    public BudgetStop? FindShadow(BudgetedCall call, DateTimeOffset now) => Stops.Count == 0 ? null : Strongest(call, now, shadow: true);

    private BudgetStop? Strongest(BudgetedCall call, DateTimeOffset now, bool shadow)
    {
        BudgetStop? found = null;
        foreach (var stop in Stops)
        {
            if (stop.Shadow == shadow && stop.Until > now && stop.Covers(call) && (found is null || stop.Until > found.Until))
            {
                found = stop;
            }
        }

        return found;
    }
}

/// <summary>A budget that is used up. What is null does not matter; all else must be a call's own.</summary>
public sealed record BudgetStop
{
    /// <summary>The <c>reason</c> in the details of a refused call's error.</summary>
    public const string Reason = "BUDGET_EXHAUSTED";

    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Namespace { get; init; }
    public string? Flow { get; init; }
    public string? Team { get; init; }
    public string? User { get; init; }
    public string? Token { get; init; }

    /// <summary>When its next window begins.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Whom to ask; null when nobody said.</summary>
    public string? Contact { get; init; }

    /// <summary>Stops nothing; it is only counted what it would stop.</summary>
    public bool Shadow { get; init; }

    public bool Covers(BudgetedCall call) =>
        (Namespace is null || Namespace == call.Namespace) && (Flow is null || Flow == call.Flow) && (Team is null || Team == call.Team)
        && (User is null || User == call.User) && (Token is null || Token == call.Token);

    /// <summary>For whoever called.</summary>
    public string Explain() =>
        $"The budget “{Name}” is used up until {Until.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}." + (Contact is null ? "" : $" Whom to ask: {Contact}");

    /// <summary>For programs: the <c>details</c> of the error.</summary>
    public JsonObject Details() => new()
    {
        ["reason"] = Reason,
        ["budget"] = Name,
        ["budgetId"] = Id,
        ["until"] = Until.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        ["contact"] = Contact,
    };
}

/// <summary>What budgets look at in a call.</summary>
public readonly record struct BudgetedCall(string? Namespace, string? Flow, string? User = null, string? Team = null, string? Token = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BudgetStops))]
public sealed partial class BudgetJson : JsonSerializerContext;
