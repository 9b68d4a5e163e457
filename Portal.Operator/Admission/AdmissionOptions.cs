namespace Portal.Operator.Admission;

/// <summary>How writes are judged.</summary>
public sealed record AdmissionOptions
{
    /// <summary>Refuse what does not work as it is written, also where other versions of this API store it and tell in a condition.</summary>
    public bool Strict { get; init; }

    /// <summary>Image given to Flows, FlowSets and Evals that name none; null leaves them without.</summary>
    public string? RunnerImage { get; init; }
}
