namespace Portal.Features.Costs.Queries;

/// <summary>What usage can be grouped and filtered by.</summary>
public enum CostDimension
{
    Namespace,
    Flow,
    Prompt,
    Revision,
    Model,
    Provider,
    User,
    Team,
    Token,
    Environment,
    Source,
}

/// <summary>
/// How the values of a dimension are told apart and written. A value is one text: <c>team/support-reply</c> for a flow or prompt,
/// <c>team/support-reply@12</c> for a revision, <c>openai/gpt-4o</c> for a model, the name itself for the others; empty where the call says none.
/// </summary>
public static class CostDimensions
{
    /// <summary>Stands for the empty value in addresses.</summary>
    public const string None = "-";

    public static IReadOnlyList<CostDimension> All { get; } = Enum.GetValues<CostDimension>();

    /// <summary>As addresses and the REST API call it.</summary>
    public static string Word(this CostDimension dimension) => dimension.ToString().ToLowerInvariant();

    public static CostDimension? Find(string word) => All.Cast<CostDimension?>().FirstOrDefault(item => item!.Value.Word().Equals(word, StringComparison.OrdinalIgnoreCase));

    public static string Title(this CostDimension dimension) => dimension == CostDimension.Revision ? "Prompt revision" : dimension.ToString();

    /// <summary>Columns of <c>usage_series</c> that tell its values apart; the last is the one whose absence makes the value empty.</summary>
    internal static IReadOnlyList<string> Columns(this CostDimension dimension) => dimension switch
    {
        CostDimension.Flow => ["Namespace", "Flow"],
        CostDimension.Prompt => ["Namespace", "Prompt"],
        CostDimension.Revision => ["Namespace", "Prompt", "Revision"],
        CostDimension.Model => ["Provider", "Model"],
        // "User" is a word of SQL.
        CostDimension.User => ["UserName"],
        _ => [dimension.ToString()],
    };

    /// <summary>The value, from its columns.</summary>
    internal static string ValueOf(this CostDimension dimension, ReadOnlySpan<string> parts) => parts[^1].Length == 0 ? "" : dimension switch
    {
        CostDimension.Flow or CostDimension.Prompt or CostDimension.Model => $"{parts[0]}/{parts[1]}",
        CostDimension.Revision => $"{parts[0]}/{parts[1]}@{parts[2]}",
        _ => parts[0],
    };

    /// <summary>The columns of a value that is not empty; null when it is none of this dimension.</summary>
    internal static IReadOnlyList<string>? PartsOf(this CostDimension dimension, string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        var at = value.LastIndexOf('@');
        return dimension switch
        {
            CostDimension.Flow or CostDimension.Prompt or CostDimension.Model => slash < 0 || slash == value.Length - 1 ? null : [value[..slash], value[(slash + 1)..]],
            CostDimension.Revision => slash < 0 || at <= slash + 1 || at == value.Length - 1 ? null : [value[..slash], value[(slash + 1)..at], value[(at + 1)..]],
            _ => [value],
        };
    }

    /// <summary>What a value looks like, for messages.</summary>
    internal static string Example(this CostDimension dimension) => dimension switch
    {
        CostDimension.Flow or CostDimension.Prompt => "team-a/support-reply",
        CostDimension.Revision => "team-a/support-reply@12",
        CostDimension.Model => "openai/gpt-4o",
        _ => dimension.Word(),
    };
}
