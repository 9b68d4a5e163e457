using Npgsql;

namespace Portal.Data.Dialects;

/// <summary>Reads a connection string in either of its two spellings, and sets what the portal needs where it says nothing.</summary>
internal static class PostgresSettings
{
    private const string NotUnderstood =
        "Portal:Database:ConnectionString is not understood; it must be like 'Host=db.example.com;Database=portal;Username=portal;Password=…' or 'postgresql://portal:…@db.example.com/portal'.";

    /// <exception cref="StartupException">It is not understood.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text)
    {
        try
        {
            var settings = text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal)
                ? FromUri(new Uri(text))
                : new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Database))
            {
                throw new StartupException($"{NotUnderstood} Host or Database is missing.");
            }

            return Complete(settings);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            // Neither the text nor what the parser says of it: there is a password in it.
            throw new StartupException(NotUnderstood);
        }
    }

    private static NpgsqlConnectionStringBuilder FromUri(Uri uri)
    {
        var user = uri.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost, Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')) };
        if (uri.Port > 0)
        {
            settings.Port = uri.Port;
        }

        if (user[0].Length > 0)
        {
            settings.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length == 2)
        {
            settings.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : (pair, "");
            var name = key switch { "sslmode" => "SSL Mode", "sslrootcert" => "Root Certificate", "application_name" => "Application Name", _ => key };

            // libpq writes verify-full, Npgsql VerifyFull.
            settings[name] = key == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }

        return settings;
    }

    private static NpgsqlConnectionStringBuilder Complete(NpgsqlConnectionStringBuilder settings)
    {
        settings.ApplicationName ??= "genkit-portal";

        // A server allows 100 by default, for all portals together.
        if (!settings.ContainsKey("Maximum Pool Size"))
        {
            settings.MaxPoolSize = 25;
        }

        if (settings.KeepAlive == 0)
        {
            settings.KeepAlive = 30;
        }

        // An error's details quote what was to be stored.
        settings.IncludeErrorDetail = false;
        settings.PersistSecurityInfo = false;
        return settings;
    }
}
