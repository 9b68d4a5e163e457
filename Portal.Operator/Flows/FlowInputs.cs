using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>Everything a Flow refers to, found and read.</summary>
internal sealed record FlowInputs
{
    /// <summary>In the order of the spec; names are unique.</summary>
    public required IReadOnlyList<PromptSource> Prompts { get; init; }

    /// <summary>Descriptor by name of the Tool object.</summary>
    public required IReadOnlyDictionary<string, JsonObject> Tools { get; init; }

    /// <summary>Secrets with the headers of tools, each once.</summary>
    public IReadOnlyList<KubeObject> HeaderSecrets { get; init; } = [];

    /// <summary>Null when the Flow names no model.</summary>
    public ModelInputs? Model { get; init; }

    /// <summary>What was found and is broken, so that calls will fail; the first one comes first.</summary>
    public IReadOnlyList<Problem> Faults { get; init; } = [];

    /// <summary>Variables that every runner has, unless the spec says otherwise.</summary>
    public IReadOnlyList<EnvVar> Defaults { get; init; } = [];

    /// <summary>Values that <c>spec.env</c> takes from Secrets and ConfigMaps, under a full key each; those that exist.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables { get; init; } = [];
}

/// <summary>One <c>.prompt</c> file.</summary>
internal sealed record PromptSource(string Name, string Content)
{
    /// <summary>Partials are included by other prompts and never served.</summary>
    public bool IsPartial => Name.StartsWith('_');
}

/// <summary>A model, how its provider is reached, and the Secret with the credentials.</summary>
/// <param name="Fault">Why calls will not be authorized.</param>
internal sealed record ModelInputs(RuntimeModel Model, RuntimePlugin Plugin, IReadOnlyList<string> CredentialKeys, KubeObject Secret, Problem? Fault = null);
