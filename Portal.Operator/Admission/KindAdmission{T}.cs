using Portal.Kubernetes.Objects;
using Portal.Operator.Manifests;

namespace Portal.Operator.Admission;

/// <summary>The rules and defaults of one kind, in the order they are told.</summary>
internal interface IKindAdmission
{
    string Kind { get; }

    /// <summary>Structural schema of the spec.</summary>
    JsonObject Schema { get; }

    /// <exception cref="JsonException">The spec does not have the shape of the kind.</exception>
    IEnumerable<AdmissionFinding> Check(JsonObject target, AdmissionScope scope);

    /// <summary>Members for the spec; those it has already are passed over.</summary>
    IEnumerable<KeyValuePair<string, JsonNode>> Defaults(AdmissionOptions options);
}

/// <inheritdoc/>
internal sealed class KindAdmission<T>(params IReadOnlyList<IAdmissionRule<T>> rules) : IKindAdmission where T : KubeObject, IKubeKind<T>
{
    private readonly Lazy<JsonObject> _schema = new(static () => SchemaBuilder.Build(typeof(T).BaseType!.GetGenericArguments()[0]));

    public string Kind => T.Definition.Kind;

    public JsonObject Schema => _schema.Value;

    /// <summary>Name of the spec's member that the runner's image goes into when it is missing; null for kinds without.</summary>
    public string? ImageField { get; init; }

    public IEnumerable<AdmissionFinding> Check(JsonObject target, AdmissionScope scope)
    {
        var typed = T.FromJson(target);
        return rules.SelectMany(rule => rule.Check(typed, scope));
    }

    public IEnumerable<KeyValuePair<string, JsonNode>> Defaults(AdmissionOptions options) =>
        ImageField is not null && options.RunnerImage is { Length: > 0 } image ? [KeyValuePair.Create<string, JsonNode>(ImageField, image)] : [];
}
