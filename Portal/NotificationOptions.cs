using System.Globalization;
using System.Net;
using Portal.Features.Notifications;

namespace Portal;

/// <summary>How people and programs are told: e-mail over SMTP, and webhooks.</summary>
public sealed record NotificationOptions
{
    public static IReadOnlyList<string> Keys { get; } =
    [
        "Notifications:WebhookKey", "Notifications:AllowPrivateAddresses", "Notifications:Smtp:Host", "Notifications:Smtp:Port", "Notifications:Smtp:Security",
        "Notifications:Smtp:User", "Notifications:Smtp:Password", "Notifications:Smtp:From",
    ];

    public SmtpOptions Smtp { get; init; } = new();

    /// <summary>Key of the signature that webhooks carry; null sends none.</summary>
    public string? WebhookKey { get; init; }

    /// <summary>Whether webhooks may be at loopback and private addresses, as in a cluster; never at link-local ones and metadata services.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Adds what is wrong in the section <c>Portal:Notifications</c>.</summary>
    internal static void Check(IConfigurationSection section, List<string> errors)
    {
        if (section["WebhookKey"] is { Length: < 16 })
        {
            errors.Add($"{section.Path}:WebhookKey is too short; it must have at least 16 characters, such as those of openssl rand -hex 32.");
        }

        if (section["AllowPrivateAddresses"] is { } allow && !bool.TryParse(allow, out _))
        {
            errors.Add($"{section.Path}:AllowPrivateAddresses is '{allow}'; it must be true or false.");
        }

        CheckSmtp(section.GetSection("Smtp"), errors);
    }

    private static void CheckSmtp(IConfigurationSection smtp, List<string> errors)
    {
        if (!smtp.GetChildren().Any())
        {
            return;
        }

        if (smtp["Host"] is not { } host || Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            errors.Add($"{smtp.Path}:Host is '{smtp["Host"]}'; it must be the name or address of a mail server.");
        }

        if (!EmailAddress.IsValid(smtp["From"]))
        {
            errors.Add($"{smtp.Path}:From is '{smtp["From"]}'; it must be the e-mail address that mails come from.");
        }

        if (smtp["Port"] is { } port && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535))
        {
            errors.Add($"{smtp.Path}:Port is '{port}'; it must be a port from 1 to 65535.");
        }

        if (smtp["Security"] is { } security && !Enum.GetNames<SmtpSecurity>().Contains(security, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"{smtp.Path}:Security is '{security}'; it must be StartTls or None.");
        }

        if (smtp["User"] is null != smtp["Password"] is null)
        {
            errors.Add($"{smtp.Path}:{(smtp["User"] is null ? "User" : "Password")} is missing; give user and password, or neither.");
        }
        else if (smtp["User"] is not null && string.Equals(smtp["Security"], nameof(SmtpSecurity.None), StringComparison.OrdinalIgnoreCase) && !IsLoopback(smtp["Host"]))
        {
            errors.Add($"{smtp.Path}:Security is None, which would send the password for everyone to read; it must be StartTls.");
        }
    }

    private static bool IsLoopback(string? host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

/// <summary>The mail server.</summary>
public sealed record SmtpOptions
{
    /// <summary>Null sends no mail.</summary>
    public string? Host { get; init; }
    public int Port { get; init; } = 587;
    public SmtpSecurity Security { get; init; }
    public string? User { get; init; }
    public string? Password { get; init; }
    public string From { get; init; } = "";

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

public enum SmtpSecurity
{
    /// <summary>Encrypted; a server that does not offer it gets no mail.</summary>
    StartTls,

    /// <summary>For a server on this machine or one that the network protects.</summary>
    None,
}
