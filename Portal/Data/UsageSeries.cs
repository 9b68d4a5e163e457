namespace Portal.Data;

/// <summary>
/// A combination of all that usage is grouped by, once each; what is not known is empty. There are only so many new ones a day: where callers, or whatever else
/// a call tells of itself, have too many names, the rest of them are one series named <see cref="Other"/>.
/// </summary>
public sealed record UsageSeries
{
    /// <summary>Stands for names that are too many to be counted one by one; the call itself keeps its own.</summary>
    public const string Other = "(other)";

    /// <summary>0 until it is stored.</summary>
    public long Id { get; set; }

    /// <summary><c>flow</c>, <c>playground</c> or <c>evaluation</c>.</summary>
    public required string Source { get; set; }
    public string Environment { get; set; } = "";
    public string Namespace { get; set; } = "";
    public string Flow { get; set; } = "";
    public string Prompt { get; set; } = "";

    /// <summary>Number of the prompt's revision; 0 when it is none that the portal knows.</summary>
    public int Revision { get; set; }
    public string Provider { get; set; } = "";
    public string Model { get; set; } = "";

    /// <summary>Who called, as the call says (<see cref="UsageRow.Caller"/>). The column is <c>UserName</c>, as <c>User</c> is a word of SQL.</summary>
    public string User { get; set; } = "";
    public string Team { get; set; } = "";

    /// <summary>Name of the token that was called with.</summary>
    public string Token { get; set; } = "";

    /// <summary>Such as <c>USD</c>; empty where nothing has a price.</summary>
    public string Currency { get; set; } = "";

    /// <summary>The day it was first seen, in days since 1970 (UTC).</summary>
    public int CreatedDay { get; set; }
}
