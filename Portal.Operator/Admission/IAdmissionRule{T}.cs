using Portal.Kubernetes.Objects;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Admission;

/// <summary>One thing to look at in objects of a kind. Pure and quick: reads the object and what the scope offers, changes nothing.</summary>
internal interface IAdmissionRule<in T> where T : KubeObject
{
    /// <exception cref="JsonException">The spec does not have the shape of the kind.</exception>
    IEnumerable<AdmissionFinding> Check(T target, AdmissionScope scope);
}

/// <summary>What rules may know beside the object.</summary>
/// <param name="Options">How writes are judged.</param>
/// <param name="Objects">What there is in the cluster; null while that is not known.</param>
internal sealed record AdmissionScope(AdmissionOptions Options, IGenkitObjects? Objects);
