namespace Portal.Data;

/// <summary>What is kept of the inputs and answers in a namespace.</summary>
public sealed class RunPolicyRow
{
    public required string Namespace { get; set; }

    /// <summary>JSON.</summary>
    public required string Definition { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime UpdatedAt { get; set; }

    public required string UpdatedBy { get; set; }
}
