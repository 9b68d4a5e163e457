using Portal.Operator.Reconciliation;

namespace Portal.Operator.Admission;

/// <summary>What rules may know beside the object.</summary>
/// <param name="Options">How writes are judged.</param>
/// <param name="Objects">What there is in the cluster; null while that is not known.</param>
internal sealed record AdmissionScope(AdmissionOptions Options, IGenkitObjects? Objects)
{
    /// <summary>Looks something up in other objects. Null also when it is not known, or when such an object cannot be read: that is not this object's fault.</summary>
    public T? Read<T>(Func<IGenkitObjects, T?> read) where T : class
    {
        try
        {
            return Objects is null ? null : read(Objects);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A warning when an object that is referred to is known not to exist; the referrer waits for it, so that objects may come in any order.</summary>
    public AdmissionFinding? FindMissing(string kind, string name, string field, Func<IGenkitObjects, object?> find) => name.Length == 0
        ? AdmissionFinding.Broken(field, $"{field} is empty", $"name a {kind}")
        : Objects is not null && find(Objects) is null
            ? AdmissionFinding.Of(Problem.NotFound(kind, name, field) with { Fix = "it is waited for" })
            : null;
}
