namespace Portal.Auth;

/// <summary>What somebody is in a namespace. Roles add up; what each may do says <see cref="RolePermissions"/>.</summary>
public enum PortalRole
{
    /// <summary>Looks.</summary>
    Viewer,

    /// <summary>Writes and tests drafts and asks for their release.</summary>
    Author,

    /// <summary>Decides on releases.</summary>
    Approver,

    /// <summary>Runs flows.</summary>
    Operator,

    /// <summary>All of it, and the settings.</summary>
    Admin,
}
