namespace Portal.Runner.Contract;

/// <summary>What went into a call and what came out, as much of it as the policy of its namespace keeps.</summary>
public sealed record CallContent
{
    /// <summary>What <see cref="Cut"/> leaves of an input, of an answer and of an error, in bytes as JSON: together with its record it fits the line of a spool.</summary>
    public const int MostInput = 48 * 1024;
    public const int MostOutput = 96 * 1024;
    public const int MostError = 4 * 1024;

    /// <summary>By which rule it was kept; never <see cref="RunKeeping.Off"/>.</summary>
    public required RunKeeping Kept { get; init; }

    /// <summary>A JSON object as text. As text, since it may be nested deeper than a reader of records goes.</summary>
    public required string Input { get; init; }

    /// <summary>Characters of the whole input when <see cref="Input"/> is only how it begins, and no JSON then.</summary>
    public int? InputLength { get; init; }

    /// <summary>The answer's text, or JSON as text.</summary>
    public string Output { get; init; } = "";

    /// <summary>Characters of the whole answer when <see cref="Output"/> is only how it begins.</summary>
    public int? OutputLength { get; init; }

    /// <summary>Why it failed, for people.</summary>
    public string? Error { get; init; }

    /// <summary>Bytes it may take in memory, about.</summary>
    public int Size => sizeof(char) * (Input.Length + Output.Length + (Error?.Length ?? 0));

    /// <summary>How a text begins, as far as it takes at most <paramref name="most"/> bytes in JSON, whoever writes it; never half of a surrogate pair.</summary>
    public static string Cut(string text, int most)
    {
        var bytes = 0;
        for (var index = 0; index < text.Length; index++)
        {
            bytes += text[index] is >= ' ' and < '\x7f' and not ('"' or '\\') ? 1 : text[index] is '"' or '\\' or '\n' or '\r' or '\t' ? 2 : 6;
            if (bytes > most)
            {
                return text[..(index > 0 && char.IsLowSurrogate(text[index]) && char.IsHighSurrogate(text[index - 1]) ? index - 1 : index)];
            }
        }

        return text;
    }

    /// <summary>Of two rules the one that keeps less; nothing for one that is not known.</summary>
    public static RunKeeping Less(RunKeeping one, RunKeeping other) => !Enum.IsDefined(one) || !Enum.IsDefined(other) ? RunKeeping.Off : one < other ? one : other;
}
