namespace Portal.Features.Prices;

/// <summary>What a file of prices was understood as, line by line.</summary>
/// <param name="Format"><c>csv</c> or <c>litellm</c>.</param>
/// <param name="Prices">What can be entered.</param>
/// <param name="Lines">What became of each line or entry.</param>
public sealed record PriceImport(string Format, IReadOnlyList<Price> Prices, IReadOnlyList<PriceImportLine> Lines)
{
    /// <summary>Characters of a file, at most.</summary>
    public const int MostCharacters = 8 * 1024 * 1024;

    /// <summary>Lines that were left out because something is wrong with them.</summary>
    public int Wrong => Lines.Count(line => line.IsWrong);

    /// <summary>Reads a file, whichever of the formats it has.</summary>
    /// <param name="text">The file.</param>
    /// <param name="validFrom">From when on prices hold that do not say.</param>
    /// <param name="now">The present.</param>
    /// <exception cref="FormatException">It is neither; says why.</exception>
    public static PriceImport Read(string text, DateTimeOffset validFrom, DateTimeOffset now)
    {
        if (text.Length > MostCharacters)
        {
            throw new FormatException($"The file is larger than {MostCharacters / 1024 / 1024} MiB.");
        }

        var trimmed = text.AsSpan().TrimStart("\uFEFF \t\r\n");
        var import = trimmed.StartsWith("{") ? LiteLlmPrices.Read(text, validFrom, now) : PriceCsv.Read(text.TrimStart('\uFEFF'), validFrom, now);
        return import.Prices.Count > PriceStore.MostImported ? throw new FormatException($"The file holds more than {PriceStore.MostImported} prices.") : import;
    }
}

/// <param name="From">Where in the file: <c>line 3</c>, or the entry's name.</param>
/// <param name="To">The model it is a price of, such as <c>openai/gpt-4o</c>; null when it is left out.</param>
/// <param name="Message">Why it is left out, or what of it has no place here; null when all was taken.</param>
/// <param name="IsWrong">Whether it was meant to be a price and cannot be.</param>
public sealed record PriceImportLine(string From, string? To, string? Message, bool IsWrong = false);
