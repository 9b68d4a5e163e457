namespace Portal.Data;

/// <summary>Where the portal keeps its own data: the section <c>Portal:Database</c>.</summary>
public sealed class DatabaseOptions
{
    internal static readonly string[] Keys = ["Database:Provider", "Database:ConnectionString", "Database:ConnectionStringFile"];

    /// <summary><c>sqlite</c>, a file in the data directory, or <c>postgres</c>.</summary>
    public string Provider { get; init; } = "sqlite";

    /// <summary>Of PostgreSQL, as <c>Host=…;Database=…;Username=…;Password=…</c> or <c>postgresql://…</c>. A secret.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>A file that holds it, such as a mounted Secret.</summary>
    public string? ConnectionStringFile { get; init; }

    public bool IsPostgres => Provider.Equals("postgres", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the options or the file say.</summary>
    /// <exception cref="StartupException">The file cannot be read.</exception>
    public string ReadConnectionString()
    {
        if (ConnectionStringFile is null)
        {
            return ConnectionString ?? "";
        }

        try
        {
            return File.ReadAllText(ConnectionStringFile).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"Portal:Database:ConnectionStringFile is '{ConnectionStringFile}', which cannot be read: {exception.Message}", exception);
        }
    }

    internal static void Check(IConfigurationSection section, List<string> errors)
    {
        var provider = section["Provider"] ?? "sqlite";
        var (text, file) = (section["ConnectionString"], section["ConnectionStringFile"]);
        if (provider.Equals("sqlite", StringComparison.OrdinalIgnoreCase))
        {
            if (text is not null || file is not null)
            {
                errors.Add("Portal:Database:ConnectionString is set, but Portal:Database:Provider is 'sqlite'; set the provider to 'postgres' or leave it out.");
            }
        }
        else if (!provider.Equals("postgres", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add($"Portal:Database:Provider is '{provider}'; it must be sqlite or postgres.");
        }
        else if (string.IsNullOrWhiteSpace(text) == string.IsNullOrWhiteSpace(file))
        {
            errors.Add("Portal:Database:Provider is 'postgres'; it needs Portal:Database:ConnectionString or Portal:Database:ConnectionStringFile, one of them.");
        }
    }
}
