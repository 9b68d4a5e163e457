namespace Portal.Operator.Admission;

/// <summary>What is about to happen to an object.</summary>
public enum AdmissionOperation
{
    Create,
    Update,
    Delete,
}

/// <summary>One write to judge.</summary>
/// <param name="Operation">What is about to happen.</param>
/// <param name="Object">The object as it would be stored, with kind and namespace; null for a delete. It is not changed.</param>
/// <param name="OldObject">The object as it is stored; null for a create.</param>
public sealed record AdmissionRequest(AdmissionOperation Operation, JsonObject? Object, JsonObject? OldObject = null)
{
    /// <summary>Whether it is stored when it is allowed: false for dry runs and for forms that ask what would be said. Only then gates are asked.</summary>
    public bool IsStored { get; init; }
}
