namespace Portal.Data;

/// <summary>What portals on one database tell each other of: <see cref="PortalDbContext.Tell"/>.</summary>
public static class PortalTopics
{
    /// <summary>Messages may have been missed: everything may be different.</summary>
    public const string Anything = "*";

    public const string Audit = "audit";
    public const string Usage = "usage";
    public const string Drafts = "drafts";
    public const string Releases = "releases";
    public const string Revisions = "revisions";
    public const string Environments = "environments";
    public const string Sessions = "sessions";
    public const string Tokens = "tokens";
    public const string Budgets = "budgets";
    public const string Prices = "prices";
    public const string RunPolicies = "run-policies";
    public const string Recomputations = "recomputations";
}
