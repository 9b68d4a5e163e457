using Portal.Kubernetes.Objects;

namespace Portal.Operator.Api;

/// <summary>Names that make up the API: group, labels, annotations.</summary>
public static class GenkitApi
{
    public const string Group = "genkit.dev";
    public const string Version = "v1alpha1";
    public const string ApiVersion = Group + "/" + Version;
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";
    public const string ManagedByValue = "genkit-operator";
    public const string FlowLabel = "genkit.dev/flow";
    public const string FlowSetLabel = "genkit.dev/flowset";
    public const string EvalLabel = "genkit.dev/eval";

    /// <summary>On a Deployment: who says how many replicas it has, when it is not the Flow.</summary>
    public const string ScaledByAnnotation = "genkit.dev/scaled-by";

    /// <summary>On a Flow, FlowSet or Eval, <c>true</c>: adopt objects that bear the names of its children and belong to nobody.</summary>
    public const string TakeOverLabel = "genkit.dev/take-over";
    public const string ContentHashAnnotation = "genkit.dev/content-hash";

    /// <summary>Names of the container that serves a Flow or a FlowSet, or runs an Eval; a pod may have others beside it.</summary>
    public const string FlowContainer = "flow";
    public const string FlowSetContainer = "flowset";
    public const string EvalContainer = "runner";

    /// <summary>Whether a container is the one that the operator writes.</summary>
    public static bool IsOwnContainer(string? name) => name is FlowContainer or FlowSetContainer or EvalContainer;

    internal static ResourceDefinition Namespaced(string kind, string plural) => new(Group, Version, kind, plural, Namespaced: true);
}
