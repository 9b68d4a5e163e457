using Portal.Runner.Engine;
using Portal.Runner.Flows;

namespace Portal.Runner.Reflection;

/// <summary>A failed run as Genkit's tools read it.</summary>
/// <param name="Code">gRPC's number of the status.</param>
/// <param name="Message">Such as <c>INVALID_ARGUMENT: …</c>.</param>
internal sealed record ActionFailure(int Code, string Message)
{
    private JsonNode? Details { get; init; }

    /// <summary>Of a flow that is not there.</summary>
    public static ActionFailure NotFound(string? key) => new(5, $"action {key} not found");

    public static ActionFailure From(Exception exception, bool wasCancelled) => exception switch
    {
        OperationCanceledException when wasCancelled => new ActionFailure(1, "Action was cancelled"),
        GenkitException failure => new ActionFailure(CodeOf(failure.Status), $"{failure.Status.WireName()}: {failure.Message}") { Details = failure.Details },
        RequestRefusedException refused => new ActionFailure(CodeOf(GenkitStatus.InvalidArgument), $"{GenkitStatus.InvalidArgument.WireName()}: {refused.Message}"),
        _ => new ActionFailure(CodeOf(GenkitStatus.Internal), $"{GenkitStatus.Internal.WireName()}: {exception.Message}"),
    };

    /// <summary><c>details</c> is always there, with a stack: the tools look into it unasked.</summary>
    public JsonObject ToJson(string? traceId)
    {
        var details = new JsonObject { ["stack"] = Message };
        if (traceId is not null)
        {
            details["traceId"] = traceId;
        }

        if (Details is not null)
        {
            details["details"] = Details.DeepClone();
        }

        return new JsonObject { ["code"] = Code, ["message"] = Message, ["details"] = details };
    }

    private static int CodeOf(GenkitStatus status) => status switch
    {
        GenkitStatus.Cancelled => 1,
        GenkitStatus.InvalidArgument => 3,
        GenkitStatus.DeadlineExceeded => 4,
        GenkitStatus.NotFound => 5,
        GenkitStatus.PermissionDenied => 7,
        GenkitStatus.ResourceExhausted => 8,
        GenkitStatus.Aborted => 10,
        GenkitStatus.Unimplemented => 12,
        GenkitStatus.Unavailable => 14,
        GenkitStatus.Unauthenticated => 16,
        _ => 13,
    };
}
