namespace Portal.Features.Releases.States;

/// <summary>What people do to a request. Whoever decides names the content they decided about.</summary>
public abstract record ReleaseCommand
{
    private ReleaseCommand()
    {
    }

    public sealed record Approve(string Hash, string? Comment) : ReleaseCommand;

    public sealed record RequestChanges(string Hash, string Comment) : ReleaseCommand;

    public sealed record Reject(string Hash, string Comment) : ReleaseCommand;

    public sealed record Withdraw(string? Comment) : ReleaseCommand;

    public sealed record Say(string Comment) : ReleaseCommand;

    /// <summary>Another content: what was agreed to before does not count for it.</summary>
    public sealed record Revise(string Hash, DateTimeOffset? PublishAt, string? Comment) : ReleaseCommand;

    /// <summary>Publishes now, whatever the policy asks.</summary>
    public sealed record BreakGlass(string Hash, string Reason) : ReleaseCommand;

    /// <summary>Tries again what the cluster refused.</summary>
    public sealed record Retry : ReleaseCommand;
}
