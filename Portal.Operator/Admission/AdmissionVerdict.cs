namespace Portal.Operator.Admission;

/// <summary>What is to become of a write.</summary>
public sealed record AdmissionVerdict
{
    public static AdmissionVerdict Allowed { get; } = new();

    /// <summary>Why it is refused; empty when it is not.</summary>
    public IReadOnlyList<AdmissionFinding> Errors { get; init; } = [];

    /// <summary>What its author should know although it is allowed.</summary>
    public IReadOnlyList<AdmissionFinding> Warnings { get; init; } = [];

    /// <summary>Members of the spec to add, by name; the write has none of them.</summary>
    public IReadOnlyDictionary<string, JsonNode> Defaults { get; init; } = new Dictionary<string, JsonNode>();

    public bool IsAllowed => Errors.Count == 0;
}
