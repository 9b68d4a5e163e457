using Portal.Kubernetes.Objects;

namespace Portal.Operator.Admission;

/// <summary>One thing to look at in objects of a kind. Pure and quick: reads the object and what the scope offers, changes nothing.</summary>
internal interface IAdmissionRule<in T> where T : KubeObject
{
    /// <exception cref="JsonException">The spec does not have the shape of the kind.</exception>
    IEnumerable<AdmissionFinding> Check(T target, AdmissionScope scope);
}
