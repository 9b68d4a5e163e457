using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.FlowSets;

/// <summary>One flow of a FlowSet.</summary>
/// <param name="Flow">As it is written.</param>
/// <param name="Content">What is served of it; null when nothing can be.</param>
/// <param name="Problem">Why that is not what is written.</param>
internal sealed record FlowSetMember(FlowSetFlow Flow, FlowSetContent? Content, Problem? Problem)
{
    public const string OnlyPartials = "no prompt can answer: names of partials begin with '_'";

    /// <summary>What is broken in what is served.</summary>
    public IReadOnlyList<Problem> Faults { get; init; } = [];

    public string Directory => DirectoryOf(Flow.Name);

    public string CredentialsDirectory => CredentialsDirectoryOf(Flow.Name);

    public static string DuplicateName(string flow) => $"duplicate flow name {Names.Quoted(flow)}";

    public static string DirectoryOf(string flow) => $"{RuntimeLayout.DefaultRoot}/{RuntimeLayout.FlowsDirectory}/{flow}";

    public static string CredentialsDirectoryOf(string flow) => $"{DirectoryOf(flow)}/{RuntimeLayout.CredentialsDirectory}";
}

/// <summary>The files of one flow, and what else its pods need for it.</summary>
/// <param name="Files">Its files.</param>
/// <param name="Entrypoint">The prompt that answers.</param>
/// <param name="Credentials">Secret with the credentials of its model.</param>
/// <param name="HeaderSecrets">Secrets with the headers of its tools, each once.</param>
internal sealed record FlowSetContent(FlowFiles Files, string Entrypoint, KubeObject Credentials, IReadOnlyList<KubeObject> HeaderSecrets)
{
    public IEnumerable<KubeObject> Secrets => [Credentials, .. HeaderSecrets];
}
