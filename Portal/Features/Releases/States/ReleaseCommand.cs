namespace Portal.Features.Releases.States;

/// <summary>What people do to a request. Whoever decides names the content they decided about.</summary>
public abstract record ReleaseCommand
{
    /// <summary>Characters of what somebody says.</summary>
    public const int LongestWords = 2000;

    private ReleaseCommand()
    {
    }

    /// <summary>What is said with it; null when nothing is.</summary>
    public virtual string? Words => null;

    public sealed record Approve(string Hash, string? Comment) : ReleaseCommand
    {
        public override string? Words => Comment;
    }

    public sealed record RequestChanges(string Hash, string Comment) : ReleaseCommand
    {
        public override string? Words => Comment;
    }

    public sealed record Reject(string Hash, string Comment) : ReleaseCommand
    {
        public override string? Words => Comment;
    }

    public sealed record Withdraw(string? Comment) : ReleaseCommand
    {
        public override string? Words => Comment;
    }

    public sealed record Say(string Comment) : ReleaseCommand
    {
        public override string? Words => Comment;
    }

    /// <summary>Another content: what was agreed to before does not count for it.</summary>
    public sealed record Revise(string Hash, DateTimeOffset? PublishAt, string? Comment) : ReleaseCommand
    {
        public override string? Words => Comment;
    }

    /// <summary>Publishes now, whatever the policy asks.</summary>
    public sealed record BreakGlass(string Hash, string Reason) : ReleaseCommand
    {
        public override string? Words => Reason;
    }

    /// <summary>What a required Eval says of exactly this content. Only who ran it may say so.</summary>
    public sealed record Measured(string Hash, string Eval, bool Passed, string Result) : ReleaseCommand;

    /// <summary>Lets it go on without the Eval.</summary>
    public sealed record OverrideEval(string Hash, string Eval, string Reason) : ReleaseCommand
    {
        public override string? Words => Reason;
    }

    /// <summary>Tries again what the cluster refused.</summary>
    public sealed record Retry : ReleaseCommand;
}
