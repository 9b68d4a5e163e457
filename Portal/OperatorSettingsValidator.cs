using Portal.Kubernetes.Selectors;

namespace Portal;

/// <summary>Finds the mistakes in <c>Portal:Role</c> and <c>Portal:Operator</c>.</summary>
internal static class OperatorSettingsValidator
{
    private static readonly string[] s_switches = ["auto", "true", "false"];

    private static readonly (string Key, int Least, int Most)[] s_numbers =
        [("LeaseSeconds", 3, 600), ("Workers", 1, 256), ("WritesPerSecond", 0, 100_000), ("ResyncMinutes", 1, 14_400)];

    /// <summary>Relative to the section <c>Portal</c>.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "Operator:Namespaces", "Operator:Shard", "Operator:LeaderElection", "Operator:LeaderElectionNamespace", "Operator:InstallDefinitions", "Operator:UsageUrl", "Operator:UsageTokenSecret",
        .. s_numbers.Select(number => $"Operator:{number.Key}"),
    ];

    public static void Check(IConfigurationSection portal, List<string> errors)
    {
        CheckRole(portal, errors);
        var section = portal.GetSection("Operator");
        CheckShard(section, errors);
        CheckUsage(section, errors);
        foreach (var (key, least, most) in s_numbers)
        {
            if (section[key] is { } text && !(int.TryParse(text, out var number) && number >= least && number <= most))
            {
                errors.Add($"{section.Path}:{key} is '{text}'; it must be a number from {least} to {most}.");
            }
        }

        if (section["LeaderElection"] is { } election && !s_switches.Contains(election, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"{section.Path}:LeaderElection is '{election}'; it must be one of {string.Join(", ", s_switches)}.");
        }

        if (section["InstallDefinitions"] is { } install && !bool.TryParse(install, out _))
        {
            errors.Add($"{section.Path}:InstallDefinitions is '{install}'; it must be true or false.");
        }

        foreach (var key in new[] { "Namespaces", "LeaderElectionNamespace" })
        {
            if (Names(section[key]).FirstOrDefault(name => name.Length > 63 || name.Contains('.', StringComparison.Ordinal) || !LabelNames.IsSubdomain(name)) is { } wrong)
            {
                errors.Add($"{section.Path}:{key} is '{section[key]}', and '{wrong}' is not the name of a namespace: letters a-z, digits and '-', at most 63.");
            }
        }
    }

    private static void CheckUsage(IConfigurationSection section, List<string> errors)
    {
        if (section["UsageUrl"] is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0))
        {
            errors.Add($"{section.Path}:UsageUrl is '{text}'; it must be an address like http://genkit-portal.genkit/api/v1/usage.");
        }

        if (section["UsageTokenSecret"] is { } secret && (secret.Length > 253 || !LabelNames.IsSubdomain(secret)))
        {
            errors.Add($"{section.Path}:UsageTokenSecret is '{secret}'; it must be the name of a Secret.");
        }
        else if (section["UsageTokenSecret"] is not null && section["UsageUrl"] is null)
        {
            errors.Add($"{section.Path}:UsageTokenSecret is set, but not {section.Path}:UsageUrl; set that too or leave the key out.");
        }
    }

    private static void CheckRole(IConfigurationSection portal, List<string> errors)
    {
        var role = portal["Role"] ?? nameof(ProcessRole.All);
        if (!Enum.GetNames<ProcessRole>().Contains(role, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"{portal.Path}:Role is '{role}'; it must be one of {string.Join(", ", Enum.GetNames<ProcessRole>()).ToLowerInvariant()}.");
            return;
        }

        var isOperator = role.Equals(nameof(ProcessRole.Operator), StringComparison.OrdinalIgnoreCase);
        if (!isOperator && Names(portal["Operator:Namespaces"]).Length > 0)
        {
            errors.Add($"{portal.Path}:Operator:Namespaces is set, but {portal.Path}:Role is '{role}'; pages show all namespaces, so set the role to 'operator' or leave the key out.");
        }
    }

    private static void CheckShard(IConfigurationSection section, List<string> errors)
    {
        try
        {
            LabelSelector.Parse(section["Shard"]);
        }
        catch (SelectorException exception)
        {
            errors.Add($"{section.Path}:Shard is '{section["Shard"]}', which is no label selector: {exception.Message}");
        }
    }

    private static string[] Names(string? list) => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
