using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>How heads and rows look outside of the database.</summary>
internal static class AuditJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Write(AuditHead head) => JsonSerializer.Serialize(
        new HeadDocument(head.Kind, head.Sequence, head.Hash, TimeText.Write(head.At), head.KeyId, head.Signature), Options) + "\n";

    /// <summary>Null when the text is no head.</summary>
    public static AuditHead? ReadHead(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<HeadDocument>(text, Options)?.ToHead();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="At">UTC, <c>yyyy-MM-dd HH:mm:ss.FFFFFFF</c>: exactly what is signed.</param>
    private sealed record HeadDocument(string? Kind, long Sequence, string? Hash, string? At, string? KeyId, string? Signature)
    {
        public AuditHead? ToHead() =>
            Kind is AuditHead.Head or AuditHead.Checkpoint && Sequence > 0 && Hash is { Length: 64 } && KeyId is not null && Signature is not null
            && DateTime.TryParse(At, System.Globalization.CultureInfo.InvariantCulture,
                System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal, out var time)
                ? new AuditHead { Kind = Kind, Sequence = Sequence, Hash = Hash, At = time, KeyId = KeyId, Signature = Signature }
                : null;
    }
}
