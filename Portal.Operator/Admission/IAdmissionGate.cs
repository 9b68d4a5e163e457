namespace Portal.Operator.Admission;

/// <summary>
/// Decides whether an object may be stored by anybody at all, apart from whether it makes sense: an approval, a freeze. Asked for writes that are stored, not
/// for dry runs. Quick, and does not throw: while it cannot know, it refuses.
/// </summary>
public interface IAdmissionGate
{
    /// <param name="target">The object as it would be stored, with kind and namespace. It is not changed.</param>
    IEnumerable<AdmissionFinding> Check(JsonObject target);
}
