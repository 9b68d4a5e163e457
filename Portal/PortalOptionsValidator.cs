using Portal.Auth.Options;
using Portal.Data;
using Portal.Endpoints;

namespace Portal;

/// <summary>Finds every mistake in the options at once, each with its key, so that one restart mends them all.</summary>
public static class PortalOptionsValidator
{
    private static readonly string[] s_switches = ["ReadOnly", "Admission:Strict"];

    /// <summary>Sections that check their own keys.</summary>
    private static readonly string[] s_sections = ["Auth:", "Releases:"];

    private static readonly string[] s_modes = ["auto", "embedded", "kubeconfig", "incluster"];
    private static readonly string[] s_keys =
    [
        "DataDirectory", "Role", "ManagementPort", "PublicUrl", "TrustedProxies", "ReadOnly",
        "Cluster:Mode", "Cluster:Kubeconfig", "Cluster:Context",
        "ApiServer:Port", "ApiServer:AuditLog",
        "Usage:Token", "Usage:RetentionDays", "Usage:HourlyDays",
        .. DatabaseOptions.Keys,
        .. AuditLogOptions.Keys,
        .. NotificationOptions.Keys,
        .. AdmissionSettings.Keys,
        .. OperatorSettingsValidator.Keys,
    ];

    /// <summary>Reads the section <c>Portal</c>.</summary>
    /// <exception cref="StartupException">Something is wrong; the message has one line a mistake.</exception>
    public static PortalOptions Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        var section = configuration.GetSection(PortalOptions.Section);
        CheckPort(section, "ApiServer:Port", 0, "or 0 for any free port", errors);
        CheckPort(section, "ManagementPort", 1, "or left out", errors);
        CheckPort(section, "Admission:Port", 1, "or left out", errors);
        CheckMode(section, errors);
        CheckDataDirectory(section, errors);
        CheckRetention(section, errors);
        DatabaseOptions.Check(section.GetSection("Database"), errors);
        AuditLogOptions.Check(section.GetSection("Audit"), errors);
        NotificationOptions.Check(section.GetSection("Notifications"), errors);
        CheckSwitches(section, errors);
        ReleaseOptionsValidator.Check(section.GetSection("Releases"), errors);
        CheckPublicUrl(section, errors);
        CheckProxies(section, errors);
        var auth = AuthOptionsReader.Read(configuration, errors);
        OperatorSettingsValidator.Check(section, errors);
        CheckKeys(section, errors);
        CheckLogLevels(configuration.GetSection("Logging"), errors);
        if (errors.Count > 0)
        {
            throw new StartupException(string.Join(Environment.NewLine, errors));
        }

        return (section.Get<PortalOptions>() ?? new PortalOptions()) with { SignIn = auth };
    }

    private static void CheckPort(IConfigurationSection section, string key, int least, string orElse, List<string> errors)
    {
        var text = section[key];
        if (text is not null && !(int.TryParse(text, out var port) && port >= least && port <= 65535))
        {
            errors.Add($"{section.Path}:{key} is '{text}'; it must be a port from 1 to 65535, {orElse}.");
        }
    }

    private static void CheckRetention(IConfigurationSection section, List<string> errors)
    {
        foreach (var key in new[] { "Usage:RetentionDays", "Usage:HourlyDays" })
        {
            var text = section[key];
            if (text is not null && !(int.TryParse(text, out var days) && days is >= 1 and <= 3660))
            {
                errors.Add($"Portal:{key} is '{text}'; it must be a number of days from 1 to 3660.");
            }
        }
    }

    private static void CheckSwitches(IConfigurationSection section, List<string> errors)
    {
        foreach (var key in s_switches)
        {
            if (section[key] is { } text && !bool.TryParse(text, out _))
            {
                errors.Add($"{section.Path}:{key} is '{text}'; it must be true or false.");
            }
        }
    }

    private static void CheckPublicUrl(IConfigurationSection section, List<string> errors)
    {
        var text = section["PublicUrl"];
        if (text is not null && !(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/" && url.Fragment.Length == 0))
        {
            errors.Add($"Portal:PublicUrl is '{text}'; it must be a scheme and a host, like https://portal.example.com.");
        }
    }

    private static void CheckProxies(IConfigurationSection section, List<string> errors)
    {
        foreach (var wrong in TrustedProxies.Split(section["TrustedProxies"]).Where(text => !TrustedProxies.TryRead(text, out _)))
        {
            errors.Add($"Portal:TrustedProxies is '{section["TrustedProxies"]}'; '{wrong}' is no network like 10.0.0.0/8, and no address.");
        }
    }

    private static void CheckMode(IConfigurationSection section, List<string> errors)
    {
        var mode = section["Cluster:Mode"] ?? "auto";
        if (!s_modes.Contains(mode, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"Portal:Cluster:Mode is '{mode}'; it must be one of {string.Join(", ", s_modes)}.");
            return;
        }

        foreach (var key in new[] { "Kubeconfig", "Context" })
        {
            var value = section[$"Cluster:{key}"];
            if (value is null)
            {
                continue;
            }

            if (string.IsNullOrWhiteSpace(value))
            {
                errors.Add($"Portal:Cluster:{key} is empty; give it a value or leave it out.");
            }
            else if (!mode.Equals("kubeconfig", StringComparison.OrdinalIgnoreCase))
            {
                errors.Add($"Portal:Cluster:{key} is set, but Portal:Cluster:Mode is '{mode}'; set the mode to 'kubeconfig' or leave the key out.");
            }
        }
    }

    private static void CheckDataDirectory(IConfigurationSection section, List<string> errors)
    {
        var directory = section["DataDirectory"];
        if (directory is not null && (string.IsNullOrWhiteSpace(directory) || directory.Contains('\0')))
        {
            errors.Add("Portal:DataDirectory is empty; give it the path of a directory or leave it out.");
        }
    }

    // A misspelt key would otherwise be a default nobody asked for.
    private static void CheckKeys(IConfigurationSection section, List<string> errors)
    {
        foreach (var (key, value) in section.AsEnumerable(makePathsRelative: true))
        {
            if (value is not null && !s_sections.Any(known => key.StartsWith(known, StringComparison.OrdinalIgnoreCase)) && !s_keys.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add($"{section.Path}:{key} is not an option; there are {string.Join(", ", s_keys.Select(known => $"{section.Path}:{known}"))}.");
            }
        }
    }

    // Logging:LogLevel:Category, or Logging:Provider:LogLevel:Category.
    private static void CheckLogLevels(IConfigurationSection logging, List<string> errors)
    {
        foreach (var level in logging.GetChildren().Append(logging).Select(parent => parent.GetSection("LogLevel")).SelectMany(levels => levels.GetChildren()))
        {
            if (level.Value is { } text && !Enum.TryParse<LogLevel>(text, ignoreCase: true, out _))
            {
                errors.Add($"{level.Path} is '{text}'; it must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            }
        }
    }
}
