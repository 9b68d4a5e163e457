using Portal.Runner.Engine;

namespace Portal.Features.Playground;

/// <summary>
/// A run cannot begin because something in the namespace is missing or wrong. Message and next step are for the author; neither holds a
/// secret.
/// </summary>
public sealed class RunRefusedException(GenkitStatus status, string message, string next) : Exception(message)
{
    public GenkitStatus Status { get; } = status;

    /// <summary>What to create or change.</summary>
    public string Next { get; } = next;
}
