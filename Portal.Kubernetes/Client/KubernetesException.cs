using System.Net;

namespace Portal.Kubernetes.Client;

/// <summary>The server refused a request. <see cref="Status"/> is what it said (<c>metav1.Status</c>), kept whole.
/// When its answer was no Status, one is made from the HTTP status.</summary>
public sealed class KubernetesException(HttpStatusCode statusCode, JsonObject status)
    : Exception(status["message"]?.ToString() ?? $"The server answered {(int)statusCode}.")
{
    /// <summary>How a server (and this client, for a bare 404) says that it does not serve the kind at all.</summary>
    internal const string NoSuchResource = "the server could not find the requested resource";

    public HttpStatusCode StatusCode { get; } = statusCode;
    public JsonObject Status { get; } = status;

    /// <summary>How long the server asks to be left alone; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Machine-readable reason, such as <c>NotFound</c> or <c>Conflict</c>; empty when the server gave none.</summary>
    public string Reason => Status["reason"]?.ToString() ?? "";

    public bool IsNotFound => StatusCode == HttpStatusCode.NotFound;
    public bool IsConflict => StatusCode == HttpStatusCode.Conflict && Reason != "AlreadyExists";
    public bool IsAlreadyExists => Reason == "AlreadyExists";
    public bool IsInvalid => StatusCode == HttpStatusCode.UnprocessableEntity;

    /// <summary>The asked-for history is gone: list again.</summary>
    public bool IsExpired => StatusCode == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    /// <summary>Not the object but its kind is missing: its CRD is not installed, or the group or version is not served.</summary>
    public bool IsKindMissing => IsNotFound && Message.StartsWith(NoSuchResource, StringComparison.Ordinal);
}
