using System.Security.Cryptography;

namespace Portal.Components.Inputs;

/// <summary>A picture, sound, film or document as an input: its bytes are in a <c>data:</c> URL.</summary>
/// <param name="Url"><c>data:TYPE;base64,…</c></param>
/// <param name="Hash">SHA-256 of the bytes, in lower-case hex.</param>
/// <param name="Preview">A small picture of it as a <c>data:</c> URL; null where there is none.</param>
public sealed record MediaValue(string Url, string Type, string Name, long Size, string Hash, string? Preview)
{
    /// <summary>Most bytes of one file; in base64 it must fit into a body of 4 MB.</summary>
    public const long MostBytes = 2_900_000;

    /// <summary>A picture up to this size is its own preview.</summary>
    private const int OwnPreview = 24_000;

    /// <summary>The types that can be given, as <c>accept</c> of a file field.</summary>
    public const string Accepted = "image/png,image/jpeg,image/webp,image/gif,audio/mpeg,audio/wav,audio/ogg,audio/mp4,video/mp4,video/webm,application/pdf,text/plain";

    private static readonly HashSet<string> s_accepted = [.. Accepted.Split(',')];

    /// <summary>What a file holds by its first bytes, whatever it is called; null when that is nothing that can be given.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> bytes, string claimed) => bytes switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'A', (byte)'V', (byte)'E', ..] => "audio/wav",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "application/pdf",
        _ => s_accepted.Contains(claimed) && !claimed.StartsWith("image/", StringComparison.Ordinal) && claimed != "application/pdf" ? claimed : null,
    };

    public static MediaValue Of(byte[] bytes, string type, string name, string? preview)
    {
        var url = $"data:{type};base64,{Convert.ToBase64String(bytes)}";
        var own = type.StartsWith("image/", StringComparison.Ordinal) && bytes.Length <= OwnPreview ? url : null;
        return new(url, type, name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), own ?? preview);
    }

    /// <summary>Reads a <c>data:</c> URL; null when it is none or not in base64.</summary>
    public static MediaValue? Read(string url)
    {
        var comma = url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? url.IndexOf(',', StringComparison.Ordinal) : -1;
        if (comma < 0 || !url.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[(url.Length - comma) * 3 / 4];
        return Convert.TryFromBase64Chars(url.AsSpan(comma + 1), bytes, out var count)
            ? Of(bytes[..count], url[5..comma].Split(';')[0].ToLowerInvariant(), "", null) with { Url = url }
            : null;
    }
}
