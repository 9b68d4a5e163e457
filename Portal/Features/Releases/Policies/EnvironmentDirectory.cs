using Portal.Features.Releases.Reviewing;
using Portal.Features.Usage;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases.Policies;

/// <summary>The environments, and which policy an object has to keep. A namespace that belongs to none is an environment of its own name.</summary>
public sealed class EnvironmentDirectory(InformerFactory informers, ReleaseSettings settings) : IEnvironmentNames
{
    private static readonly Dictionary<string, string> s_noLabels = [];

    private readonly Informer<KubeObject> _namespaces = informers.Get(BuiltIn.Namespace);

    public IReadOnlyList<ReleaseEnvironment> All => settings.Environments;

    public ReleaseEnvironment? Find(string name) => settings.Environments.FirstOrDefault(environment => environment.Name == name);

    /// <summary>The environment a namespace belongs to first of all.</summary>
    public ReleaseEnvironment Of(string @namespace) =>
        settings.Environments.FirstOrDefault(environment => environment.Covers(@namespace, LabelsOf(@namespace)))
        ?? new ReleaseEnvironment { Name = @namespace, Namespaces = [@namespace], Policy = settings.Default };

    string IEnvironmentNames.NameOf(string @namespace) => Of(@namespace).Name;

    /// <summary>The namespaces of an environment now: those named, and those with its labels.</summary>
    public IReadOnlyList<string> TargetsOf(ReleaseEnvironment environment) =>
        [.. environment.Namespaces
            .Concat(_namespaces.Store.List().Where(item => environment.Covers(item.Name, item.Labels)).Select(item => item.Name))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What publishing into these namespaces asks: all that the environments over any of them ask.</summary>
    public ReleasePolicy PolicyOf(IReadOnlyCollection<string> namespaces)
    {
        var policies = new List<ReleasePolicy>();
        foreach (var target in namespaces)
        {
            var over = settings.Environments.Where(environment => environment.Covers(target, LabelsOf(target))).Select(environment => environment.Policy).ToList();
            policies.AddRange(over.Count > 0 ? over : [settings.Default]);
        }

        return ReleasePolicy.Strictest(policies);
    }

    /// <summary>
    /// Without the Evals that these objects do not concern: an Eval measures the prompts its flow serves. One that cannot be found concerns every prompt, so
    /// that taking it away opens nothing.
    /// </summary>
    internal ReleasePolicy Narrow(ReleasePolicy policy, IEnumerable<(string Kind, string Namespace, string Name, bool Deletes)> objects)
    {
        var prompts = objects.Where(item => item.Kind == Prompt.Definition.Kind && !item.Deletes).ToList();
        return policy.RequiredEvals.Count == 0 ? policy
            : policy with { RequiredEvals = [.. policy.RequiredEvals.Where(eval => prompts.Any(prompt => Concerns(eval, prompt.Namespace, prompt.Name)))] };
    }

    private bool Concerns(string eval, string @namespace, string prompt) =>
        informers.Get<Eval>().Store.Find(@namespace, eval) is not { } found
        || informers.Get<Flow>().Store.Find(@namespace, found.Spec.FlowRef.Name) is not { } flow || BlastRadius.Uses(flow, Prompt.Definition.Kind, prompt);

    private IReadOnlyDictionary<string, string> LabelsOf(string @namespace) => _namespaces.Store.Find(null, @namespace)?.Labels ?? s_noLabels;
}
