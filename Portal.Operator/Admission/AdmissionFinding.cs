using Portal.Operator.Reconciliation;

namespace Portal.Operator.Admission;

/// <summary>What becomes of a write that has a finding.</summary>
public enum FindingWeight
{
    /// <summary>It can never work: refused.</summary>
    Error,

    /// <summary>It does not work as it is written, but other versions of this API store it and tell in a condition: a warning, and refused when strict.</summary>
    Broken,

    /// <summary>It may work, now or later: a warning.</summary>
    Warning,
}

/// <summary>Something wrong or doubtful in an object.</summary>
/// <param name="Weight">What becomes of the write.</param>
/// <param name="Field">Path of the field, such as <c>spec.prompts[0].promptRef.name</c>.</param>
/// <param name="Message">What is wrong; the words a condition says it with, where one does.</param>
/// <param name="Fix">What to do about it; null when the message says so.</param>
public sealed record AdmissionFinding(FindingWeight Weight, string Field, string Message, string? Fix = null)
{
    /// <summary>Message and fix in one sentence, without the field.</summary>
    public string Advice => Fix is null ? Message : $"{Message}; {Fix}";

    public static AdmissionFinding Error(string field, string message, string? fix = null) => new(FindingWeight.Error, field, message, fix);

    public static AdmissionFinding Broken(string field, string message, string? fix = null) => new(FindingWeight.Broken, field, message, fix);

    public static AdmissionFinding Warning(string field, string message, string? fix = null) => new(FindingWeight.Warning, field, message, fix);

    public override string ToString() => $"{Field}: {Advice}";

    /// <summary>What a reconciler would report, as a finding.</summary>
    internal static AdmissionFinding Of(Problem problem) => new(problem.Weight, problem.Field, problem.Message, problem.Fix);
}
