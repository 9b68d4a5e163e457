using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Portal.Runner.Contract;

namespace Portal.Runner.Usage;

/// <summary>Where usage records go, and where they wait.</summary>
internal sealed record UsageOptions
{
    public const string SpoolSizeVariable = "GENKIT_USAGE_SPOOL_MB";
    private const int DefaultSpoolMegabytes = 64;

    /// <summary>The portal, without a slash at the end.</summary>
    public required string Portal { get; init; }

    /// <summary>The portal's ingest.</summary>
    public Uri Address => new(Portal + UsageBatch.Path);

    /// <summary>Null when a file holds it.</summary>
    public string? Token { get; init; }
    public string? TokenFile { get; init; }

    /// <summary>Folder of the spool; it is made when it is missing.</summary>
    public required string SpoolDirectory { get; init; }

    /// <summary>What may wait at most, in bytes; beyond it the oldest records are dropped.</summary>
    public long SpoolBytes { get; init; } = DefaultSpoolMegabytes * 1024L * 1024;

    /// <summary>Null when no portal is told of calls. Mistakes are added to <paramref name="errors"/>.</summary>
    public static UsageOptions? Read(Func<string, string?> environment, List<string> errors)
    {
        if (environment(RuntimeLayout.UsageUrlVariable) is not { Length: > 0 } url)
        {
            return null;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var portal) || portal.Scheme is not ("http" or "https") || portal.UserInfo.Length > 0)
        {
            errors.Add($"{RuntimeLayout.UsageUrlVariable}: \"{url}\" is not an address like https://portal.example");
            return null;
        }

        var size = environment(SpoolSizeVariable);
        if (!int.TryParse(size ?? "64", NumberStyles.None, CultureInfo.InvariantCulture, out var megabytes) || megabytes is < 1 or > 65536)
        {
            errors.Add($"{SpoolSizeVariable}: \"{size}\" is not a whole number from 1 to 65536");
            megabytes = DefaultSpoolMegabytes;
        }

        return new UsageOptions
        {
            Portal = RootOf(portal),
            Token = environment(RuntimeLayout.UsageTokenVariable),
            TokenFile = environment(RuntimeLayout.UsageTokenFileVariable),
            SpoolDirectory = Path.GetFullPath(environment(RuntimeLayout.UsageSpoolVariable) is { Length: > 0 } folder ? folder : DefaultDirectory(url)),
            SpoolBytes = megabytes * 1024L * 1024,
        };
    }

    /// <summary>Read each time: a mounted Secret may change.</summary>
    public string? ReadToken() => (TokenFile is { Length: > 0 } file ? File.ReadAllText(file) : Token)?.Trim();

    /// <summary>The operator's option names the portal's ingest; that is taken for the portal, too.</summary>
    private static string RootOf(Uri portal)
    {
        var address = portal.GetLeftPart(UriPartial.Path).TrimEnd('/');
        return address.EndsWith(UsageBatch.Path, StringComparison.Ordinal) ? address[..^UsageBatch.Path.Length] : address;
    }

    /// <summary>One a portal, so that no record is sent to another.</summary>
    private static string DefaultDirectory(string url) =>
        Path.Combine(Path.GetTempPath(), $"genkit-usage-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)))[..12]}");
}
