namespace Portal.Features.Releases.Policies;

/// <summary>The environments of this portal, and the policy of namespaces that belong to none. Read often, changed seldom.</summary>
public sealed class ReleaseSettings
{
    /// <summary>Asks for the approval of one other person, so that four-eyes release can be tried in the first five minutes.</summary>
    private static readonly ReleaseEnvironment s_demo = new() { Name = "demo", Namespaces = ["demo"], IsBuiltIn = true, Policy = new ReleasePolicy { Approvals = 1 } };

    private readonly IReadOnlyList<ReleaseEnvironment> _configured;
    private readonly bool _withDemo;
    private volatile IReadOnlyList<ReleaseEnvironment> _environments = [];

    /// <param name="default">The policy of namespaces that belong to no environment.</param>
    /// <param name="configured">Written in the configuration: nobody can change them here.</param>
    /// <param name="withDemo">Whether the demo namespace gets a policy of its own, unless an environment covers it.</param>
    public ReleaseSettings(ReleasePolicy @default, IReadOnlyList<ReleaseEnvironment> configured, bool withDemo = false)
    {
        (Default, _configured, _withDemo) = (@default, configured, withDemo);
        UseStored([]);
    }

    public ReleasePolicy Default { get; }

    public IReadOnlyList<ReleaseEnvironment> Environments => _environments;

    public static ReleaseSettings Of(ReleaseOptions options, bool withDemo) => new(
        PolicyOf(options),
        [.. options.Environments.Select(item => new ReleaseEnvironment
        {
            Name = item.Name,
            Namespaces = item.Namespaces,
            Labels = item.Labels,
            IsConfigured = true,
            Policy = PolicyOf(item),
        })],
        withDemo);

    /// <summary>Takes the environments made on the settings page beside those of the configuration, which win.</summary>
    internal void UseStored(IReadOnlyList<ReleaseEnvironment> stored)
    {
        var all = _configured.Concat(stored.Where(item => _configured.All(configured => configured.Name != item.Name))).ToList();
        if (_withDemo && !all.Any(environment => environment.Name == s_demo.Name || environment.Namespaces.Contains(s_demo.Name)))
        {
            all.Add(s_demo);
        }

        _environments = all;
    }

    private static ReleasePolicy PolicyOf(ReleasePolicyOptions options) => new()
    {
        Approvals = options.Approvals,
        RequiredGroups = options.RequiredGroups,
        AllowSelfApproval = options.AllowSelfApproval,
        OnlyApproved = options.OnlyApproved,
        RequiredEvals = options.RequiredEvals,
        ExpiresAfter = options.ExpiresAfterHours is { } hours ? TimeSpan.FromHours(hours) : null,
        Freezes = options.Freezes,
    };
}
