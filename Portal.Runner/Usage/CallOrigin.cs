namespace Portal.Runner.Usage;

/// <summary>Where a call comes from, as far as it says.</summary>
/// <param name="Caller">Who calls.</param>
/// <param name="Team">The team it is for.</param>
/// <param name="Token">Name of the portal's token it was made with.</param>
internal sealed record CallOrigin(string? Caller, string? Team = null, string? Token = null)
{
    public const string CallerHeader = "x-genkit-caller";
    public const string TeamHeader = "x-genkit-team";

    /// <summary>Set by the portal, which lets no other through.</summary>
    public const string TokenHeader = "x-genkit-token";

    /// <summary>What the portal takes in a record and a budget may name: what is cut would match no budget.</summary>
    private const int Longest = 256;

    public static CallOrigin Of(IHeaderDictionary headers) =>
        new(Read(headers, CallerHeader) ?? Read(headers, "User-Agent"), Read(headers, TeamHeader), Read(headers, TokenHeader));

    private static string? Read(IHeaderDictionary headers, string name) => headers[name] is [{ Length: > 0 } said]
        ? string.Concat(said.Where(static character => character is >= ' ' and <= '~').Take(Longest))
        : null;
}
