namespace Portal.Features.Costs.Reconcile;

/// <summary>Models by the names that bills give them, where those are not the names that calls use.</summary>
internal static class BilledNames
{
    /// <summary>Words of Azure's meters that are not of the model: what is counted, where it was served, by what unit.</summary>
    private static readonly HashSet<string> s_meterWords = new(StringComparer.Ordinal)
    {
        "inp", "input", "in", "outp", "output", "out", "opt", "cached", "cchd", "cd", "cache", "batch", "bat", "pp", "prty", "flex", "ft", "grdr", "glbl", "gl", "global",
        "regnl", "rgnl", "regional", "dz", "dzn", "dzone", "datazone", "data", "zone", "std", "aud", "audio", "txt", "text", "img", "image", "rt", "1k", "1m", "tokens",
    };

    /// <summary>Anthropic's cost export names <c>Claude Sonnet 4.5</c> what calls name <c>claude-sonnet-4-5</c>, and up to version 3 had the version first.</summary>
    public static string OfClaude(string name)
    {
        var words = name.ToLowerInvariant().Replace('.', '-').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is ["claude", var variant, ['3', ..] version] && !char.IsAsciiDigit(variant[0]) ? $"claude-{version}-{variant}" : string.Join('-', words);
    }

    /// <summary>Azure's meters, such as <c>gpt-4o-mini-0718-Inp-glbl Tokens</c> or <c>gpt 4.1 cached Inp Data Zone Tokens</c>. Null when it counts no tokens.</summary>
    public static string? OfAzureMeter(string meter)
    {
        var words = meter.ToLowerInvariant().Split([' ', '-', '_'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not [.., "tokens" or "token"])
        {
            return null;
        }

        // The four digits are month and day of the version.
        var name = words.TakeWhile(static word => !s_meterWords.Contains(word)).Where(static word => !(word.Length == 4 && word.All(char.IsAsciiDigit))).ToList();
        return name.Count == 0 ? null : string.Join('-', name);
    }
}
