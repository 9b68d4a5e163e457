using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.FlowSets;

/// <summary>One flow of a FlowSet, either with all it needs or with what keeps it from being served.</summary>
internal sealed record FlowSetMember(FlowSetFlow Flow, FlowInputs? Inputs, FlowFiles? Files, Problem? Problem)
{
    public const string OnlyPartials = "no prompt can answer: names of partials begin with '_'";

    public string Directory => $"{RuntimeLayout.DefaultRoot}/{RuntimeLayout.FlowsDirectory}/{Flow.Name}";

    public string CredentialsDirectory => $"{Directory}/{RuntimeLayout.CredentialsDirectory}";

    /// <summary>The prompt that answers.</summary>
    public string Entrypoint => Inputs!.Prompts.First(prompt => !prompt.IsPartial).Name;

    public IEnumerable<KubeObject> Secrets => Inputs is null ? [] : Inputs.HeaderSecrets.Append(Inputs.Model?.Secret).OfType<KubeObject>();

    public static string DuplicateName(string flow) => $"duplicate flow name {Names.Quoted(flow)}";

    /// <summary>Resolves each flow by itself, so that one that is broken says so and the others are served.</summary>
    public static IReadOnlyList<FlowSetMember> Resolve(FlowSet set, IGenkitObjects objects)
    {
        var members = new List<FlowSetMember>();
        foreach (var flow in set.Spec.Flows)
        {
            members.Add(members.Exists(known => known.Flow.Name == flow.Name)
                ? new FlowSetMember(flow, null, null, Problem.Invalid(DuplicateName(flow.Name)))
                : Resolve(set.Namespace, flow, objects));
        }

        return members;
    }

    private static FlowSetMember Resolve(string? @namespace, FlowSetFlow flow, IGenkitObjects objects)
    {
        FlowSetMember Broken(Problem problem) => new(flow, null, null, problem with
        {
            Message = $"flow {Names.Quoted(flow.Name)}: {problem.Message}",
            Trail = problem.Trail is { } trail ? $"flow {Names.Quoted(flow.Name)} → {trail}" : null,
        });

        try
        {
            if (FlowRules.CheckMember(flow.Name, flow) is { } invalid)
            {
                return Broken(invalid);
            }

            var (inputs, problem) = FlowDependencies.Resolve(@namespace, flow, objects);
            if (inputs is null)
            {
                return Broken(problem!);
            }

            if (FlowRules.Check(inputs, served: false) is { } unusable)
            {
                return Broken(unusable);
            }

            if (inputs.Prompts.All(prompt => prompt.IsPartial))
            {
                return Broken(Problem.Invalid(OnlyPartials));
            }

            var member = new FlowSetMember(flow, inputs, null, null);
            var files = FlowFiles.Render(flow.Name, inputs, member.CredentialsDirectory);
            return FlowRules.Check(files) is { } tooLarge ? Broken(tooLarge) : member with { Files = files };
        }
        catch (JsonException exception)
        {
            return Broken(Problem.Unreadable(exception));
        }
    }
}
