using System.Globalization;

namespace Portal;

/// <summary>Finds every mistake in <c>Portal:Releases</c>: a policy that is not what its writer meant would let things out.</summary>
internal static class ReleaseOptionsValidator
{
    private static readonly string[] s_policy = ["Approvals", "RequiredGroups", "AllowSelfApproval", "OnlyApproved", "RequiredEvals", "ExpiresAfterHours", "Freezes"];
    private static readonly string[] s_freeze = ["Reason", "From", "To", "Days", "Start", "End", "TimeZone"];

    public static void Check(IConfigurationSection section, List<string> errors)
    {
        CheckPolicy(section, [.. s_policy, "Environments"], errors);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var environment in section.GetSection("Environments").GetChildren())
        {
            CheckPolicy(environment, [.. s_policy, "Name", "Namespaces", "Labels"], errors);
            if (string.IsNullOrWhiteSpace(environment["Name"]) || !names.Add(environment["Name"]!))
            {
                errors.Add($"{environment.Path}:Name is '{environment["Name"]}'; every environment needs a name of its own.");
            }

            if (!environment.GetSection("Namespaces").GetChildren().Any() && !environment.GetSection("Labels").GetChildren().Any())
            {
                errors.Add($"{environment.Path} has no namespaces; give it {environment.Path}:Namespaces:0, or labels of namespaces.");
            }
        }
    }

    private static void CheckPolicy(IConfigurationSection section, string[] keys, List<string> errors)
    {
        CheckKeys(section, keys, errors);
        if (section["Approvals"] is { } approvals && !(int.TryParse(approvals, CultureInfo.InvariantCulture, out var count) && count is >= 0 and <= 20))
        {
            errors.Add($"{section.Path}:Approvals is '{approvals}'; it must be a number of people from 0 to 20.");
        }

        if (section["AllowSelfApproval"] is { } self && !bool.TryParse(self, out _))
        {
            errors.Add($"{section.Path}:AllowSelfApproval is '{self}'; it must be true or false.");
        }

        if (section["OnlyApproved"] is { } only && !bool.TryParse(only, out _))
        {
            errors.Add($"{section.Path}:OnlyApproved is '{only}'; it must be true or false.");
        }

        if (section["ExpiresAfterHours"] is { } hours && !(double.TryParse(hours, CultureInfo.InvariantCulture, out var time) && time is > 0 and <= 8760))
        {
            errors.Add($"{section.Path}:ExpiresAfterHours is '{hours}'; it must be a number of hours, more than 0 and at most 8760.");
        }

        foreach (var freeze in section.GetSection("Freezes").GetChildren())
        {
            CheckFreeze(freeze, errors);
        }
    }

    private static void CheckFreeze(IConfigurationSection freeze, List<string> errors)
    {
        CheckKeys(freeze, s_freeze, errors);
        try
        {
            if (freeze.Get<Features.Releases.Policies.FreezeWindow>()?.Check() is { } problem)
            {
                errors.Add($"{freeze.Path}: {problem}.");
            }
        }
        catch (InvalidOperationException exception)
        {
            errors.Add($"{freeze.Path} cannot be read: {exception.Message}");
        }
    }

    private static void CheckKeys(IConfigurationSection section, string[] keys, List<string> errors) => errors.AddRange(section.GetChildren()
        .Where(child => !keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
        .Select(child => $"{child.Path} is not an option; there are {string.Join(", ", keys.Select(known => $"{section.Path}:{known}"))}."));
}
