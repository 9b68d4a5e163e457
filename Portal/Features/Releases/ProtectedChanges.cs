using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases.Policies;

namespace Portal.Features.Releases;

/// <summary>
/// What people change without a release where nobody asks for one, and must not simply change where the policy asks for approvals or a freeze holds:
/// there it becomes a request.
/// </summary>
public sealed class ProtectedChanges(EnvironmentDirectory environments, ReleaseDesk desk, TimeProvider clock)
{
    /// <summary>Whether a change there has to be asked for now.</summary>
    public bool Cover(string @namespace)
    {
        var policy = environments.PolicyOf([@namespace]);
        return policy.Approvals > 0 || policy.FreezeAt(clock.GetUtcNow()) is not null;
    }

    /// <summary>Asks for the change; the request says what happens to it.</summary>
    /// <exception cref="AccessDeniedException">They may not ask for it.</exception>
    public async Task<ChangeResult> AskAsync(string @namespace, ReleaseObject change, CurrentUser user, CancellationToken cancellationToken)
    {
        var result = await desk.SubmitAsync(new ReleaseSubmission { Namespace = @namespace, Objects = [change] }, user, cancellationToken);
        return result.Refusal is { } refusal ? new ChangeResult { Refusal = refusal.Message } : new ChangeResult { Request = result.Release };
    }
}

/// <summary>What became of a change that somebody wanted to make.</summary>
public sealed record ChangeResult
{
    public static readonly ChangeResult Made = new() { IsMade = true };

    /// <summary>It was as wanted already.</summary>
    public static readonly ChangeResult Nothing = new();

    /// <summary>Whether it was made at once.</summary>
    public bool IsMade { get; private init; }

    /// <summary>The request it became.</summary>
    public Release? Request { get; init; }

    /// <summary>Why it can be no request.</summary>
    public string? Refusal { get; init; }
}
