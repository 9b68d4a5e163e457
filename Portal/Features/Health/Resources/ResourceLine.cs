using Portal.Features.Flows;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Health.Resources;

/// <summary>An object in a list, as it was at one moment.</summary>
public sealed record ResourceLine(KubeObject Item, FlowVerdict Verdict)
{
    public string Kind => Item.Kind;

    public string Name => Item.Name;

    /// <summary>Why it is not as it should be; null when nothing has to be done.</summary>
    public string? Message => Verdict is { Status: Components.Status.Ready, Fix: null } ? null : Verdict.Sentence;

    public static ResourceLine Of(KubeObject item, FlowDirectory directory) => new(item, FlowVerdict.Of(item, directory));
}
