using Portal.Components;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Flows.Chain;

/// <summary>One object that another depends on, or that object itself.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name; of pods how many are ready.</param>
/// <param name="Status">Its own state.</param>
/// <param name="Message">The end of a sentence that begins with the object: <c>has no key "KEY"</c>; null when all is well.</param>
/// <param name="IsFirstBroken">Whether mending this one comes first.</param>
public sealed record ChainLink(string Kind, string Name, Status Status, string? Message = null, bool IsFirstBroken = false)
{
    /// <summary>What to do about it; null when nothing has to be done, or nothing is known.</summary>
    public Fix? Fix { get; init; }

    /// <summary>Kinds that are told of as themselves, without a name of their own.</summary>
    public const string Pods = "Pods";

    /// <summary>Whether it tells of this very object.</summary>
    public bool IsOf(KubeObject item) => Kind == item.Kind && Name == item.Name;

    public bool IsBroken => Status is Status.Failed or Status.Degraded;
}

/// <summary>The one thing that mends something.</summary>
/// <param name="Text">What to do, as a command: <c>Add the key "KEY" to the Secret "s"</c>.</param>
/// <param name="Href">Where in the portal; null when it cannot be done there.</param>
/// <param name="Command">For a shell; null when there is none.</param>
public sealed record Fix(string Text, string? Href = null, string? Command = null);
