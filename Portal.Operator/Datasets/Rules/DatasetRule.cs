using Portal.Operator.Admission;

namespace Portal.Operator.Datasets.Rules;

/// <summary>There is one source, and its samples can be read and fit the schema.</summary>
internal sealed class DatasetRule : IAdmissionRule<Dataset>
{
    /// <summary>The rules of Datasets.</summary>
    public static KindAdmission<Dataset> Create() => new(new DatasetRule());

    public IEnumerable<AdmissionFinding> Check(Dataset target, AdmissionScope scope)
    {
        var source = target.Spec.Source;
        var needsObjects = source.ConfigMapRef is { Name.Length: > 0 };
        if ((scope.Objects is not null || !needsObjects) && DatasetReconciler.Read(target, scope.Objects!) is (_, { } problem))
        {
            // Without a reference nothing is looked up.
            yield return AdmissionFinding.Of(problem);
        }

        if (source.Uri is { Length: > 0 } uri && !(Uri.TryCreate(uri, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
        {
            yield return AdmissionFinding.Warning("spec.source.uri", "is not an http or https URL, which is all the runner of this release fetches");
        }

        if (target.Spec.Schema is not (null or JsonObject))
        {
            yield return AdmissionFinding.Broken("spec.schema", "must be a JSON object with a JSON Schema", "such as {type: object, required: [input]}");
        }
    }
}
