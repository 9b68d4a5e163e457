using Portal.Auth;

namespace Portal.Components.Layout;

/// <summary>A page of the product that can be gone to from anywhere.</summary>
/// <param name="Group">Heading it stands under in the rail; null for none.</param>
/// <param name="Path">Address of the page; <c>{ns}</c> stands for the namespace one works in.</param>
/// <param name="Keys">Shortcut, as keys with a space between, such as <c>g p</c>.</param>
/// <param name="Needs">What one must be allowed somewhere to find it there; the page asks again.</param>
public sealed record NavigationLink(string? Group, string Title, string Icon, string Path, string? Keys = null, Permission Needs = Permission.ReadNamespace)
{
    /// <summary>All of them, in the order of the rail.</summary>
    public static IReadOnlyList<NavigationLink> All { get; } =
    [
        new(null, "Home", "home", "/", "g h"),
        new("Author", "Prompts", "edit_note", "/ns/{ns}/prompts", "g p"),
        new("Author", "Partials", "extension", "/ns/{ns}/partials", "g k"),
        new("Author", "Tools", "build", "/ns/{ns}/tools", "g o"),
        new("Author", "Runs", "history", "/ns/{ns}/runs", "g y"),
        new("Test", "Datasets", "dataset", "/ns/{ns}/datasets", "g d"),
        new("Test", "Evals", "fact_check", "/ns/{ns}/evals", "g l"),
        new("Run", "Flows", "account_tree", "/ns/{ns}/flows", "g f"),
        new("Run", "Models", "neurology", "/ns/{ns}/models", "g m"),
        new("Run", "Providers", "hub", "/ns/{ns}/providers", "g v"),
        new("Run", "Map", "share", "/ns/{ns}/map", "g x"),
        new("Run", "All resources", "deployed_code", "/ns/{ns}/resources", "g r"),
        new("Govern", "Approvals", "approval", "/approvals", "g a"),
        new("Govern", "Environments", "layers", "/environments", "g e"),
        new("Govern", "Audit", "policy", "/audit", "g u", Permission.ReadAudit),
        new("Operate", "Costs", "payments", "/costs", "g c"),
        new("Operate", "Prices", "sell", "/costs/prices"),
        new("Operate", "Budgets", "savings", "/budgets", "g b"),
        new("Operate", "Weekly digest", "mail", "/ns/{ns}/digest", Needs: Permission.ManageBudgets),
        new("Operate", "Status", "monitor_heart", "/status", "g s"),
        new("Settings", "Service tokens", "key", "/settings/tokens", "g t", Permission.ManageTokens),
    ];

    public bool IsFor(CurrentUser user) => Path == "/" || user.MaySomewhere(Needs);

    public string Href(string @namespace) => Path.Replace("{ns}", Uri.EscapeDataString(@namespace), StringComparison.Ordinal);
}
