namespace Portal.Kubernetes.Client;

/// <summary>What to list or watch. Null means the server's default.</summary>
public sealed record ListOptions
{
    public string? LabelSelector { get; init; }
    public string? FieldSelector { get; init; }
    public int? Limit { get; init; }
    public string? Continue { get; init; }
    public string? ResourceVersion { get; init; }
    public string? ResourceVersionMatch { get; init; }
}

/// <summary>Where a watch starts and what it shows.</summary>
public sealed record WatchOptions
{
    public string? LabelSelector { get; init; }
    public string? FieldSelector { get; init; }
    public string? ResourceVersion { get; init; }
    public bool AllowBookmarks { get; init; } = true;

    /// <summary>How long the server should keep the stream open.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>Options of any write. <see cref="Force"/> is for server-side apply only.</summary>
public sealed record WriteOptions
{
    public FieldManager? Manager { get; init; }
    public bool DryRun { get; init; }
    public bool Force { get; init; }

    /// <summary><c>Strict</c>, <c>Warn</c> or <c>Ignore</c>; null leaves it to the server.</summary>
    public string? FieldValidation { get; init; }
}

/// <summary>How to delete: propagation and preconditions.</summary>
public sealed record DeleteOptions
{
    /// <summary><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>; null leaves it to the server.</summary>
    public string? PropagationPolicy { get; init; }
    public string? PreconditionUid { get; init; }
    public string? PreconditionResourceVersion { get; init; }
    public bool DryRun { get; init; }
    public int? GracePeriodSeconds { get; init; }
}
