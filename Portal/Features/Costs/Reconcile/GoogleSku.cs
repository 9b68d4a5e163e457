namespace Portal.Features.Costs.Reconcile;

/// <summary>Reads the model out of the name of what Google Cloud bills, such as <c>Gemini 2.5 Flash Lite GA Text Input - Predictions</c>.</summary>
internal static class GoogleSku
{
    private static readonly string[] s_families = ["gemini", "gemma", "imagen", "veo"];
    private static readonly string[] s_variants = ["pro", "flash", "lite", "ultra", "nano", "live", "image", "embedding"];

    /// <summary>Null when it is of no model.</summary>
    public static string? ModelOf(string sku)
    {
        var words = sku.ToLowerInvariant().Replace('-', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var start = Array.FindIndex(words, word => s_families.Contains(word));
        if (start < 0)
        {
            return null;
        }

        var name = words.Skip(start + 1).TakeWhile(word => char.IsAsciiDigit(word[0]) || s_variants.Contains(word)).ToList();

        // "… Flash Image Output" bills the pictures of the model Flash.
        if (name is [.., "image"] && words.Length > start + 1 + name.Count && words[start + 1 + name.Count] is "input" or "output")
        {
            name.RemoveAt(name.Count - 1);
        }

        return name.Count == 0 ? null : string.Join('-', [words[start], .. name]).Replace(".0-", "-", StringComparison.Ordinal);
    }
}
