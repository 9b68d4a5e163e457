using Portal.Operator.Admission;

namespace Portal;

/// <summary>What becomes of writes before they are stored.</summary>
public sealed record AdmissionSettings
{
    internal static readonly string[] Keys = ["Admission:Strict", "Admission:RunnerImage"];

    /// <inheritdoc cref="AdmissionOptions.Strict"/>
    public bool Strict { get; init; }

    /// <inheritdoc cref="AdmissionOptions.RunnerImage"/>
    public string? RunnerImage { get; init; }

    public AdmissionOptions Rules => new() { Strict = Strict, RunnerImage = RunnerImage };
}
