namespace Portal.ApiServer.Admission;

/// <summary>
/// A webhook that lives in this process: it is asked without a connection and needs no configuration object, so that it is there before the first
/// write. It sees creates and updates of all kinds of one group, but not their subresources; deletes never depend on it.
/// </summary>
public sealed record LocalWebhook
{
    /// <summary>Named in refusals, such as <c>validate.example.com</c>.</summary>
    public required string Name { get; init; }

    /// <summary>API group it looks after.</summary>
    public required string Group { get; init; }

    /// <summary>Answers an <c>AdmissionReview</c> with one that has a <c>response</c>, which may have a patch. Quick, and does not throw.</summary>
    public required Func<JsonObject, JsonObject> Mutate { get; init; }

    /// <summary>Answers an <c>AdmissionReview</c> with one that has a <c>response</c>. Quick, and does not throw.</summary>
    public required Func<JsonObject, JsonObject> Validate { get; init; }
}
