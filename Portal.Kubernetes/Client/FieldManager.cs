namespace Portal.Kubernetes.Client;

/// <summary>A named owner of fields in server-side apply: one per actor.</summary>
public sealed record FieldManager(string Name)
{
    public static FieldManager Portal { get; } = new("genkit-portal");
    public static FieldManager Operator { get; } = new("genkit-operator");

    /// <summary>Keeps replicas that the operator has left to an autoscaler, until that takes them.</summary>
    public static FieldManager OperatorScale { get; } = new("genkit-operator-scale");
    public static FieldManager Local { get; } = new("genkit-local");
}
