using System.Globalization;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Releases.Revisions;

/// <summary>Who wrote a field of an object's spec last, as its managedFields tell.</summary>
/// <param name="At">UTC.</param>
public sealed record FieldWriter(string Manager, DateTime At)
{
    /// <summary>Null when the object does not say.</summary>
    public static FieldWriter? LastOf(KubeObject item, string field) => item.Metadata["managedFields"] is JsonArray entries
        ? entries.OfType<JsonObject>()
            .Where(entry => entry["fieldsV1"]?["f:spec"]?[$"f:{field}"] is not null && string.IsNullOrEmpty(entry["subresource"]?.ToString()))
            .Select(entry => new FieldWriter(entry["manager"]?.ToString() ?? "unknown", TimeIn(entry)))
            .MaxBy(writer => writer.At)
        : null;

    /// <summary>Who, other than the portal, owns a field of the spec: a publish must take it over from them.</summary>
    public static string? OwnerOf(KubeObject? item, string field) => item?.Metadata["managedFields"] is JsonArray entries
        ? entries.OfType<JsonObject>()
            .Where(entry => entry["fieldsV1"]?["f:spec"]?[$"f:{field}"] is not null)
            .Select(entry => entry["manager"]?.ToString())
            .FirstOrDefault(manager => manager != FieldManager.Portal.Name)
        : null;

    private static DateTime TimeIn(JsonObject entry) =>
        DateTime.TryParse(entry["time"]?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? time : DateTime.UnixEpoch;
}
