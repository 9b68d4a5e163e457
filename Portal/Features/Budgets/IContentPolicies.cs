using Portal.Runner.Contract;

namespace Portal.Features.Budgets;

/// <summary>What runners are told besides budgets: how much of their calls to send.</summary>
public interface IContentPolicies
{
    /// <summary>Completes when a policy has changed since it was asked for.</summary>
    Task Changed { get; }

    ValueTask<ContentPolicy> FindAsync(string @namespace);
}
