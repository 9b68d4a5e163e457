using Portal.Runner.Aws;

namespace Portal;

/// <summary>How long the audit log is kept, and where copies of it go.</summary>
public sealed record AuditLogOptions
{
    public static IReadOnlyList<string> Keys { get; } =
    [
        "Audit:RetentionDays", "Audit:Export:Directory", "Audit:Export:IntervalMinutes",
        "Audit:Export:S3:Bucket", "Audit:Export:S3:Region", "Audit:Export:S3:Endpoint", "Audit:Export:S3:Prefix",
    ];

    /// <summary>Days after which rows are removed from the database, a signed checkpoint taking their place; 0 keeps them for ever.</summary>
    public int RetentionDays { get; init; }

    public AuditExportOptions Export { get; init; } = new();

    /// <summary>Adds what is wrong in the section <c>Portal:Audit</c>.</summary>
    internal static void Check(IConfigurationSection section, List<string> errors)
    {
        CheckNumber(section, "RetentionDays", 0, 36_600, "a number of days up to 36600, or 0 to keep the log for ever", errors);
        CheckNumber(section, "Export:IntervalMinutes", 1, 1440, "a number of minutes from 1 to 1440", errors);
        if (section["Export:Directory"] is { } directory && !Path.IsPathFullyQualified(directory))
        {
            errors.Add($"{section.Path}:Export:Directory is '{directory}'; it must be the absolute path of a directory, best on another disk than the data directory.");
        }

        var s3 = section.GetSection("Export:S3");
        if (s3["Endpoint"] is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
        {
            errors.Add($"{s3.Path}:Endpoint is '{endpoint}'; it must be an address such as https://minio.example.com:9000, or left out for AWS.");
        }

        if (s3["Bucket"] is null && s3.GetChildren().Any())
        {
            errors.Add($"{s3.Path}:Bucket is missing; name the bucket the audit log is exported to.");
        }
        else if (s3["Bucket"] is not null && AuditS3Options.KeysOf(Environment.GetEnvironmentVariable) is null)
        {
            errors.Add($"{s3.Path}:Bucket is set, but the environment has no {AwsKeys.AccessKeyName} and {AwsKeys.SecretKeyName} to write there with.");
        }
    }

    private static void CheckNumber(IConfigurationSection section, string key, int least, int most, string expected, List<string> errors)
    {
        if (section[key] is { } text && !(int.TryParse(text, out var number) && number >= least && number <= most))
        {
            errors.Add($"{section.Path}:{key} is '{text}'; it must be {expected}.");
        }
    }
}

/// <summary>Copies of the audit log with its signed heads, outside of the portal's reach: what catches a log that was cut off or replaced.</summary>
public sealed record AuditExportOptions
{
    /// <summary>Absolute path; null exports to no directory.</summary>
    public string? Directory { get; init; }

    public int IntervalMinutes { get; init; } = 15;

    public AuditS3Options S3 { get; init; } = new();
}

/// <summary>A bucket of S3 or a server that speaks its protocol. The keys come from the environment, as AWS's own programs take them.</summary>
public sealed record AuditS3Options
{
    /// <summary>Null exports to no bucket.</summary>
    public string? Bucket { get; init; }

    public string Region { get; init; } = "us-east-1";

    /// <summary>Null is AWS.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>What object names begin with.</summary>
    public string Prefix { get; init; } = "";

    internal static AwsKeys? KeysOf(Func<string, string?> environment) =>
        environment(AwsKeys.AccessKeyName) is { Length: > 0 } access && environment(AwsKeys.SecretKeyName) is { Length: > 0 } secret
            ? new AwsKeys { AccessKey = access, SecretKey = secret, SessionToken = environment(AwsKeys.SessionTokenName) }
            : null;
}
