namespace Portal.Auth.Tokens;

/// <summary>A service token to be made.</summary>
/// <param name="Name">For people: what it is for.</param>
/// <param name="Namespaces">Names, or patterns as role bindings have them.</param>
/// <param name="Days">How long it holds, from 1 to <see cref="MostDays"/>.</param>
public sealed record TokenRequest(string Name, IReadOnlyList<Permission> Permissions, IReadOnlyList<string> Namespaces, int Days)
{
    public const int MostDays = 366;
    private const int LongestName = 80;
    private const int MostNamespaces = 50;

    /// <summary>
    /// What automation may be given. Decisions of people, and what gives rights to others, are not among them: else a token would be a way past
    /// four-eyes release.
    /// </summary>
    public static IReadOnlyList<Permission> Grantable { get; } =
    [
        Permission.ReadNamespace, Permission.Run, Permission.EditDraft, Permission.SubmitRelease, Permission.Comment, Permission.PublishDirectly, Permission.DeletePrompt,
        Permission.ManageFlows, Permission.ManageBudgets, Permission.ReadAudit, Permission.ReadRuns,
    ];

    /// <summary>What is wrong with it, with the field; null when nothing is.</summary>
    public string? FindProblem()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > LongestName || Name.Any(char.IsControl))
        {
            return $"name: say in 1 to {LongestName} characters what the token is for.";
        }

        if (Permissions is null or [] || Permissions.Any(permission => !Grantable.Contains(permission)))
        {
            return $"permissions: choose from {string.Join(", ", Grantable)}. Decisions on releases and settings are for people.";
        }

        if (Namespaces is null or [] || Namespaces.Count > MostNamespaces || Namespaces.Any(name => name is null || !NamespacePattern.IsValid(name)))
        {
            return $"namespaces: give 1 to {MostNamespaces} names of namespaces, beginnings such as team-*, or *.";
        }

        return Days is < 1 or > MostDays ? $"days: it must hold from 1 to {MostDays} days." : null;
    }
}
