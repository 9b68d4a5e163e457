using Portal.Dotprompt.Rendering;
using Portal.Runner.Engine;

namespace Portal.Features.Playground;

/// <summary>Says what went wrong with a run, and what its author can do.</summary>
internal static class RunErrors
{
    public static RunError Describe(Exception exception, string runId) => exception switch
    {
        RunRefusedException refused => new RunError(refused.Status.WireName(), refused.Message, refused.Next),
        GenkitException { InnerException: PromptRenderException } failed => new RunError(GenkitStatus.InvalidArgument.WireName(), failed.Message, "Mend the prompt and run again."),
        GenkitException failed => new RunError(failed.Status.WireName(), failed.Message, NextFor(failed)),
        _ => new RunError("INTERNAL", "The run failed unexpectedly.", $"Search the portal's log for {runId}."),
    };

    private static string? NextFor(GenkitException failed) => failed.Status switch
    {
        GenkitStatus.Unauthenticated => "Check the key in the Secret that the PluginConfig names.",
        GenkitStatus.PermissionDenied => "Ask the provider for access to this model, or use another one.",
        GenkitStatus.ResourceExhausted when failed.RetryAfter is { } wait => $"Run again in {Math.Ceiling(wait.TotalSeconds)} seconds.",
        GenkitStatus.ResourceExhausted => "Wait a moment and run again, or raise the limit at the provider.",
        GenkitStatus.NotFound => "Check the model's name in the frontmatter.",
        GenkitStatus.Unavailable or GenkitStatus.DeadlineExceeded =>
            "Run again; if it stays, check the provider's status and the PluginConfig's extraConfig.baseURL.",
        GenkitStatus.Internal => "Check that the PluginConfig's extraConfig.baseURL is the provider's API, and run again.",
        _ => null,
    };
}
