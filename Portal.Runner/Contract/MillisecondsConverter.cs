using System.Text.Json.Serialization;

namespace Portal.Runner.Contract;

/// <summary>A time span as a number of milliseconds, to the microsecond.</summary>
public sealed class MillisecondsConverter : JsonConverter<TimeSpan>
{
    private const double Longest = 366d * 24 * 60 * 60 * 1000;

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDouble() is var milliseconds and >= -Longest and <= Longest
            ? TimeSpan.FromMicroseconds(Math.Round(milliseconds * 1000))
            : throw new JsonException("more than a year is no duration of a call");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(Math.Round(value.TotalMilliseconds, 3));
}
