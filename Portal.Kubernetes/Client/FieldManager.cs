namespace Portal.Kubernetes.Client;

/// <summary>A named owner of fields in server-side apply: one per actor.</summary>
public sealed record FieldManager(string Name)
{
    public static FieldManager Portal { get; } = new("genkit-portal");
    public static FieldManager Operator { get; } = new("genkit-operator");
    public static FieldManager Local { get; } = new("genkit-local");
}
