using System.Text.RegularExpressions;

namespace Portal.Runner.Content;

/// <summary>Keeps secrets out of what is written down, such as audit and runs: fields by their name, and what looks like a key inside of text.</summary>
public static partial class SecretFilter
{
    public const string Hidden = "(secret)";

    private static readonly string[] s_names =
    [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "accesskeyid", "secretkey", "secretaccesskey", "privatekey", "signingkey",
        "authorization", "cookie", "credentials", "connectionstring",
    ];

    /// <summary>Whether a field of this name holds a secret: <c>apiKey</c>, <c>OPENAI_API_KEY</c>, <c>client-secret</c>, but not <c>maxTokens</c>.</summary>
    public static bool IsSecretName(string name)
    {
        Span<char> letters = stackalloc char[Math.Min(name.Length, 128)];
        var count = 0;
        foreach (var letter in name.AsSpan(Math.Max(0, name.Length - 128)))
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                letters[count++] = char.ToLowerInvariant(letter);
            }
        }

        foreach (var known in s_names)
        {
            if (letters[..count].EndsWith(known, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text with everything that looks like a key, a token or a password in an address replaced.</summary>
    public static string Clean(string text)
    {
        var cleaned = PrivateKey().Replace(text, Hidden);
        cleaned = AddressPassword().Replace(cleaned, $"$1{Hidden}@");
        cleaned = Assigned().Replace(cleaned, $"$1{Hidden}");
        return Known().Replace(cleaned, Hidden);
    }

    [GeneratedRegex("-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"(://[^\s/:@]{0,256}:)[^\s/@]{1,1024}@")]
    private static partial Regex AddressPassword();

    [GeneratedRegex(@"((?:api[_-]?key|access[_-]?key|password|passwd|client[_-]?secret|secret[_-]?key|[_-]token|bearer)[""']?\s{0,4}[:= ]\s{0,4}[""']?)[^\s""',;{}]{8,}", RegexOptions.IgnoreCase)]
    private static partial Regex Assigned();

    // Anthropic and OpenAI, AWS, Google, GitHub, GitLab, Slack, JWT.
    [GeneratedRegex(@"\b(?:sk-[A-Za-z0-9_-]{16,}|A[KS]IA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)")]
    private static partial Regex Known();
}
