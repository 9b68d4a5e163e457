using System.Security.Cryptography;
using System.Text;

namespace Portal.Features.Prices;

/// <summary>
/// What a model costs from a day on. Amounts are millionths of a dollar for a million tokens, which is also millionths of a millionth for
/// one.
/// </summary>
public sealed record Price
{
    private static readonly System.Buffers.SearchValues<char> s_dateCharacters = System.Buffers.SearchValues.Create("0123456789-");

    /// <summary>Below zero, and the same in every build.</summary>
    public long Id => -1 - (BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{Provider}/{Model}@{ValidFrom:O}"))) & 0x7fff_ffff);

    public required string Provider { get; init; }

    /// <summary>The model's name; it also covers the name followed by a date, <c>-latest</c> or a number such as <c>-001</c>. <c>*</c> covers every model of the provider.</summary>
    public required string Model { get; init; }

    public required DateOnly ValidFrom { get; init; }
    public required long Input { get; init; }
    public required long Output { get; init; }

    /// <summary>Tokens read from the provider's cache; the input price when null.</summary>
    public long? CachedInput { get; init; }

    /// <summary>Tokens written to the provider's cache; the input price when null.</summary>
    public long? CacheWrite { get; init; }

    /// <summary>Says that this is no real price; null for real ones.</summary>
    public string? Label { get; init; }

    public bool Covers(string model) => Model == "*" || model == Model
        || (model.StartsWith(Model + "-", StringComparison.Ordinal) && IsVersion(model.AsSpan(Model.Length + 1)));

    private static bool IsVersion(ReadOnlySpan<char> suffix) =>
        suffix is "latest" || (suffix.Length is 3 or 8 or 10 && suffix.IndexOfAnyExcept(s_dateCharacters) < 0);
}
