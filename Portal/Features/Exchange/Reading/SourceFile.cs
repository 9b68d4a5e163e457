using System.Text;

namespace Portal.Features.Exchange.Reading;

/// <summary>A file to import.</summary>
/// <param name="Path">Name, or path in its archive with <c>/</c>.</param>
internal sealed record SourceFile(string Path, byte[] Content)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Why it is not read; null when it is.</summary>
    public string? Problem { get; init; }

    /// <summary>What is worth saying although it was read.</summary>
    public IReadOnlyList<MappingNote> Notes { get; init; } = [];

    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];

    public static SourceFile Refused(string path, string problem) => new(path, []) { Problem = problem };

    /// <summary>The text, with a byte order mark and line ends as they are; null, with the reason, when it is none.</summary>
    public (string? Text, string? Problem) Decode()
    {
        if (Content.Length > ExchangeLimits.File)
        {
            return (null, $"The file has {Content.Length:N0} bytes; at most {ExchangeLimits.File:N0} are read. Divide it.");
        }

        try
        {
            var text = s_strict.GetString(Content);
            return string.IsNullOrWhiteSpace(text.TrimStart('\uFEFF')) ? (null, "The file is empty.") : (text, null);
        }
        catch (DecoderFallbackException exception)
        {
            return (null, $"The file is not UTF-8 text (byte {exception.Index + 1:N0}). Save it as UTF-8.");
        }
    }
}
