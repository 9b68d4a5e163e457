using Portal.Kubernetes.Objects;
using Portal.Operator.Admission;

namespace Portal.Operator.Flows.Rules;

/// <summary>A rule on how pods are run. What the API server would refuse of the children is refused here, with the field it comes from.</summary>
internal interface IRunnerRule
{
    /// <param name="spec">How the pods are run.</param>
    /// <param name="namespace">Where references are looked up.</param>
    /// <param name="scope">What else is known.</param>
    IEnumerable<AdmissionFinding> Check(RunnerSpec spec, string? @namespace, AdmissionScope scope);
}

/// <summary>Runs the rules on what Flow and FlowSet have in common.</summary>
internal sealed class RunnerRules<T>(Func<T, RunnerSpec> spec) : IAdmissionRule<T> where T : KubeObject
{
    private static readonly IRunnerRule[] s_rules =
    [
        new ResourcesRule(),
        new EnvironmentRule(),
        new ProbesRule(),
        new RightsRule(),
        new PlacementRule(),
        new ExposureRule(),
    ];

    public IEnumerable<AdmissionFinding> Check(T target, AdmissionScope scope) =>
        s_rules.SelectMany(rule => rule.Check(spec(target), target.Namespace, scope));
}
