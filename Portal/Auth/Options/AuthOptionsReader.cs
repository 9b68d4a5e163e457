using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Auth.Options;

/// <summary>Reads <c>Portal:Auth</c> and finds every mistake in it, each with its key.</summary>
internal sealed partial class AuthOptionsReader
{
    private static readonly string[] s_keys = ["Oidc", "Roles", "SessionIdle", "SessionLifetime", "ClaimsMaxAge", "ImpersonateUsers", "KeyCertificateFile", "KeyCertificateKeyFile"];
    private readonly IConfigurationSection _section;
    private readonly List<string> _errors;

    private AuthOptionsReader(IConfigurationSection section, List<string> errors) => (_section, _errors) = (section, errors);

    /// <param name="errors">Gets one line a mistake; when there are any, the result must not be used.</param>
    public static AuthOptions Read(IConfiguration configuration, List<string> errors) =>
        new AuthOptionsReader(configuration.GetSection(AuthOptions.Section), errors).Read();

    private AuthOptions Read()
    {
        CheckKeys(_section, s_keys);
        var options = new AuthOptions
        {
            Providers = [.. _section.GetSection("Oidc").GetChildren().Select(ReadProvider).OfType<OidcProviderOptions>()],
            Roles = [.. _section.GetSection("Roles").GetChildren().Select(ReadRole).OfType<RoleBinding>()],
            SessionIdle = ReadTime("SessionIdle", TimeSpan.FromHours(8)),
            SessionLifetime = ReadTime("SessionLifetime", TimeSpan.FromHours(24)),
            ClaimsMaxAge = _section["ClaimsMaxAge"] is null ? null : ReadTime("ClaimsMaxAge", default),
            ImpersonateUsers = ReadSwitch(_section, "ImpersonateUsers"),
            KeyCertificateFile = _section["KeyCertificateFile"],
            KeyCertificateKeyFile = _section["KeyCertificateKeyFile"],
        };
        if (!_section.GetSection("Oidc").GetChildren().Any() && _section.GetSection("Roles").GetChildren().Any())
        {
            Error("Roles", "is set, but there is no provider in Oidc to sign in with; add one or leave the roles out.");
        }

        if (options.ImpersonateUsers && !_section.GetSection("Oidc").GetChildren().Any())
        {
            Error("ImpersonateUsers", "is set, but there is no provider in Oidc to sign in with, so the cluster would know nobody; add one or leave it out.");
        }

        if ((options.KeyCertificateFile is null) != (options.KeyCertificateKeyFile is null))
        {
            Error("KeyCertificateFile", "and KeyCertificateKeyFile go together: PEM files of a certificate and of its private key.");
        }

        return options;
    }

    private OidcProviderOptions? ReadProvider(IConfigurationSection section)
    {
        var before = _errors.Count;
        CheckKeys(section, ["Authority", "ClientId", "ClientSecret", "ClientSecretFile", "Scopes", "GroupsClaim", "UserClaim", "NameClaim", "DisplayName", "VerifiesEmails"]);
        if (!ProviderName().IsMatch(section.Key))
        {
            _errors.Add($"{section.Path} is not a name for a provider: lower-case letters, digits and '-', beginning with a letter.");
        }

        if (string.IsNullOrWhiteSpace(section["ClientId"]))
        {
            _errors.Add($"{section.Path}:ClientId is missing; it is what the provider calls this portal.");
        }

        var scopes = Words(section["Scopes"] ?? "openid profile email");
        if (!scopes.Contains("openid"))
        {
            _errors.Add($"{section.Path}:Scopes is '{section["Scopes"]}'; it must contain 'openid'.");
        }

        var (authority, secret) = (ReadAuthority(section), ReadSecret(section));
        return _errors.Count > before ? null : new OidcProviderOptions
        {
            Name = section.Key,
            DisplayName = section["DisplayName"] ?? section.Key,
            Authority = authority!,
            ClientId = section["ClientId"]!,
            ClientSecret = secret,
            Scopes = string.Join(' ', scopes),
            GroupsClaims = Words(section["GroupsClaim"] ?? "groups"),
            UserClaim = section["UserClaim"] ?? "email",
            NameClaim = section["NameClaim"] ?? "name",
            VerifiesEmails = ReadSwitch(section, "VerifiesEmails"),
        };
    }

    private Uri? ReadAuthority(IConfigurationSection section)
    {
        var text = section["Authority"];
        if (!Uri.TryCreate(text, UriKind.Absolute, out var authority) || authority.Scheme is not ("http" or "https") || authority.Query.Length > 0 || authority.Fragment.Length > 0)
        {
            _errors.Add($"{section.Path}:Authority is '{text}'; it must be the address of the provider, like https://login.example.com.");
            return null;
        }

        if (authority.Scheme == "http" && !authority.IsLoopback)
        {
            _errors.Add($"{section.Path}:Authority is '{text}'; it must be https: over http anyone on the way could sign in as anybody.");
        }

        return authority;
    }

    private string? ReadSecret(IConfigurationSection section)
    {
        var (secret, file) = (section["ClientSecret"], section["ClientSecretFile"]);
        if (secret is not null && file is not null)
        {
            _errors.Add($"{section.Path}:ClientSecretFile is set, and so is ClientSecret; keep one of them.");
        }

        if (file is null)
        {
            return string.IsNullOrEmpty(secret) ? null : secret;
        }

        try
        {
            var text = File.ReadAllText(file).Trim();
            if (text.Length == 0)
            {
                _errors.Add($"{section.Path}:ClientSecretFile is '{file}', which is empty.");
            }

            return text;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _errors.Add($"{section.Path}:ClientSecretFile is '{file}', which cannot be read: {exception.Message}");
            return null;
        }
    }

    private RoleBinding? ReadRole(IConfigurationSection section)
    {
        var before = _errors.Count;
        CheckKeys(section, ["Group", "User", "Provider", "Namespaces", "Role"]);
        var (group, user) = (section["Group"], section["User"]);
        if (string.IsNullOrWhiteSpace(group) == string.IsNullOrWhiteSpace(user))
        {
            _errors.Add($"{section.Path} must have one of Group and User.");
        }

        if (!Enum.TryParse<PortalRole>(section["Role"], ignoreCase: true, out var role) || !Enum.IsDefined(role) || char.IsDigit(section["Role"]![0]))
        {
            _errors.Add($"{section.Path}:Role is '{section["Role"]}'; it must be one of {string.Join(", ", Enum.GetNames<PortalRole>())}.");
        }

        var list = section.GetSection("Namespaces");
        var namespaces = list.Value is { } text ? Words(text) : [.. list.GetChildren().Select(item => item.Value ?? "")];
        if (namespaces.Count == 0)
        {
            _errors.Add($"{section.Path}:Namespaces is missing; name the namespaces, or write '*' for all of them.");
        }

        foreach (var wrong in namespaces.Where(name => !NamespacePattern.IsValid(name)))
        {
            _errors.Add($"{section.Path}:Namespaces has '{wrong}'; it must be the name of a namespace, a beginning such as 'team-*', or '*'.");
        }

        CheckProvider(section);
        return _errors.Count > before ? null
            : new RoleBinding(Blank(group), Blank(user), role, namespaces) { Provider = section["Provider"] is { } provider and not "*" ? provider : null };
    }

    // A group or a name is what one provider calls something; another one may call anything the same.
    private void CheckProvider(IConfigurationSection section)
    {
        var known = _section.GetSection("Oidc").GetChildren().Select(provider => provider.Key).ToList();
        if (section["Provider"] is not { } name)
        {
            if (known.Count > 1 && section["User"]?.StartsWith("oidc:", StringComparison.Ordinal) != true)
            {
                _errors.Add($"{section.Path}:Provider is missing; there are several: name the one whose group or user is meant ({string.Join(", ", known)}), or '*' for any of them.");
            }
        }
        else if (name != "*" && !known.Contains(name))
        {
            _errors.Add($"{section.Path}:Provider is '{name}', which is not among those in Oidc: {string.Join(", ", known)}.");
        }
    }

    private TimeSpan ReadTime(string key, TimeSpan otherwise)
    {
        if (_section[key] is not { } text)
        {
            return otherwise;
        }

        if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) || time < TimeSpan.FromMinutes(1) || time > TimeSpan.FromDays(90))
        {
            Error(key, $"is '{text}'; it must be a time from 00:01:00 to 90.00:00:00 (days.hours:minutes:seconds).");
        }

        return time;
    }

    private bool ReadSwitch(IConfigurationSection section, string key)
    {
        if (section[key] is { } text && !bool.TryParse(text, out _))
        {
            _errors.Add($"{section.Path}:{key} is '{text}'; it must be true or false.");
        }

        return bool.TryParse(section[key], out var value) && value;
    }

    private void CheckKeys(IConfigurationSection section, string[] known)
    {
        foreach (var child in section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
        {
            _errors.Add($"{child.Path} is not an option; there are {string.Join(", ", known)}.");
        }
    }

    private void Error(string key, string problem) => _errors.Add($"{_section.Path}:{key} {problem}");

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static List<string> Words(string text) => [.. text.Split([' ', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,30}\z")]
    private static partial Regex ProviderName();
}
