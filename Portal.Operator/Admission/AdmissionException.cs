namespace Portal.Operator.Admission;

/// <summary>A write was refused before it was sent. The message has every reason with its field.</summary>
public sealed class AdmissionException(AdmissionVerdict verdict) : Exception(string.Join(" ", verdict.Errors.Select(error => error.ToString().TrimEnd('.') + ".")))
{
    public AdmissionVerdict Verdict { get; } = verdict;
}
