using System.Globalization;
using System.Text.Json.Serialization;

namespace Portal.Kubernetes.Serialization;

/// <summary><c>metav1.Time</c>: RFC 3339 in UTC with whole seconds, written with <c>Z</c> as Kubernetes does.</summary>
internal sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
