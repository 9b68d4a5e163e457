namespace Portal.Features.Budgets.Jumps;

/// <summary>Costs that rose at once, by much more than they vary.</summary>
/// <param name="Kind">Which figure rose.</param>
/// <param name="Since">When it rose.</param>
/// <param name="Before">Billionths: a call, or a day, before.</param>
/// <param name="After">Billionths: a call, or a day, since.</param>
/// <param name="Cause">What happened then; null when nothing is known to have.</param>
public sealed record CostJump(CostJumpKind Kind, DateTimeOffset Since, long Before, long After, CostCause? Cause)
{
    public double Factor => (double)After / Math.Max(1, Before);
}

public enum CostJumpKind
{
    /// <summary>What one call costs.</summary>
    PerCall,

    /// <summary>What a day costs.</summary>
    Total,
}

/// <summary>Something after which costs may differ.</summary>
/// <param name="At">When it took effect.</param>
/// <param name="Title">Such as <c>revision r13 of support-reply</c>.</param>
/// <param name="Href">Where it can be looked at.</param>
public sealed record CostCause(DateTimeOffset At, string Title, string Href);

/// <summary>The calls of an hour.</summary>
/// <param name="Nanos">Billionths, of those that have a price.</param>
public sealed record CostHour(DateTimeOffset At, long Calls, long Nanos);

/// <summary>A jump, and whose it is.</summary>
/// <param name="Flow">Empty for the playground.</param>
public sealed record CostJumpNote(string Namespace, string Flow, string Prompt, string Currency, CostJump Jump);
