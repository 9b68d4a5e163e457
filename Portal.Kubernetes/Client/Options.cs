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

    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1" };
        if (PropagationPolicy is not null)
        {
            json["propagationPolicy"] = PropagationPolicy;
        }

        if (GracePeriodSeconds is { } seconds)
        {
            json["gracePeriodSeconds"] = seconds;
        }

        if (DryRun)
        {
            json["dryRun"] = new JsonArray("All");
        }

        if (PreconditionUid is not null || PreconditionResourceVersion is not null)
        {
            var preconditions = new JsonObject();
            json["preconditions"] = preconditions;
            if (PreconditionUid is not null)
            {
                preconditions["uid"] = PreconditionUid;
            }

            if (PreconditionResourceVersion is not null)
            {
                preconditions["resourceVersion"] = PreconditionResourceVersion;
            }
        }

        return json;
    }
}
