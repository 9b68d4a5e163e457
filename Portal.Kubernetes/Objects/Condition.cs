using System.Text.Json.Serialization;
using Portal.Kubernetes.Serialization;

namespace Portal.Kubernetes.Objects;

/// <summary>A standard <c>metav1.Condition</c>.</summary>
public sealed record Condition
{
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public required string Status { get; init; }

    public string Reason { get; init; } = "";
    public string Message { get; init; } = "";
    public long? ObservedGeneration { get; init; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; init; }

    [JsonIgnore]
    public bool IsTrue => Status == "True";
}
