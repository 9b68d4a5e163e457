using System.Collections.Frozen;

namespace Portal.Auth;

/// <summary>What each role may do: the one table.</summary>
public static class RolePermissions
{
    private static readonly FrozenDictionary<PortalRole, FrozenSet<Permission>> s_table = new Dictionary<PortalRole, Permission[]>
    {
        [PortalRole.Viewer] = [Permission.ReadNamespace, Permission.Comment],
        [PortalRole.Author] = [Permission.ReadNamespace, Permission.Comment, Permission.Run, Permission.EditDraft, Permission.SubmitRelease, Permission.ReadAudit, Permission.ReadRuns],
        [PortalRole.Approver] = [Permission.ReadNamespace, Permission.Comment, Permission.Run, Permission.ApproveRelease, Permission.ReadAudit, Permission.ReadRuns],
        [PortalRole.Operator] = [Permission.ReadNamespace, Permission.Comment, Permission.Run, Permission.ManageFlows, Permission.ManageBudgets, Permission.BreakGlass, Permission.ReadAudit, Permission.ReadRuns],
        [PortalRole.Admin] = Enum.GetValues<Permission>(),
    }.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToFrozenSet());

    public static IReadOnlySet<Permission> Of(PortalRole role) => s_table[role];

    /// <summary>The roles that have a permission, the least first.</summary>
    public static IEnumerable<PortalRole> With(Permission permission) => Enum.GetValues<PortalRole>().Where(role => s_table[role].Contains(permission));

    /// <summary>Whether it changes something that outlives the request; a read-only portal refuses those.</summary>
    public static bool IsWrite(this Permission permission) => permission is not (Permission.ReadNamespace or Permission.Run or Permission.ReadAudit or Permission.ReadRuns);

    /// <summary>The end of the sentence "… may not": <c>approve releases</c>.</summary>
    public static string Words(this Permission permission) => permission switch
    {
        Permission.ReadNamespace => "see what is here",
        Permission.Run => "run prompts and flows",
        Permission.EditDraft => "change drafts",
        Permission.SubmitRelease => "ask for releases",
        Permission.ApproveRelease => "decide on releases",
        Permission.Comment => "comment on releases and runs",
        Permission.PublishDirectly => "publish without a release request",
        Permission.BreakGlass => "publish past the policy",
        Permission.DeletePrompt => "delete published prompts",
        Permission.ManageFlows => "change flows",
        Permission.ManageBudgets => "change budgets",
        Permission.ManageSettings => "change settings",
        Permission.ManageTokens => "make or revoke service tokens",
        Permission.ReadAudit => "read the audit",
        Permission.ReadRuns => "read inputs and answers of runs",
        _ => throw new ArgumentOutOfRangeException(nameof(permission), permission, null),
    };
}
