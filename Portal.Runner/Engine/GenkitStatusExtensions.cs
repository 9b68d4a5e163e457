namespace Portal.Runner.Engine;

public static class GenkitStatusExtensions
{
    /// <summary>The name on the wire, such as <c>INVALID_ARGUMENT</c>.</summary>
    public static string WireName(this GenkitStatus status) => status switch
    {
        GenkitStatus.Cancelled => "CANCELLED",
        GenkitStatus.InvalidArgument => "INVALID_ARGUMENT",
        GenkitStatus.DeadlineExceeded => "DEADLINE_EXCEEDED",
        GenkitStatus.NotFound => "NOT_FOUND",
        GenkitStatus.Aborted => "ABORTED",
        GenkitStatus.PermissionDenied => "PERMISSION_DENIED",
        GenkitStatus.ResourceExhausted => "RESOURCE_EXHAUSTED",
        GenkitStatus.Unauthenticated => "UNAUTHENTICATED",
        GenkitStatus.Unimplemented => "UNIMPLEMENTED",
        GenkitStatus.Unavailable => "UNAVAILABLE",
        _ => "INTERNAL",
    };
}
