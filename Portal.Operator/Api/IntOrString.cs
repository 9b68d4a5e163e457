using System.Text.Json.Serialization;

namespace Portal.Operator.Api;

/// <summary>A number or a text, such as a port's number or name, or a count or <c>50%</c>, kept as written.</summary>
[JsonConverter(typeof(Converter))]
public sealed record IntOrString(JsonValue Value)
{
    public override string ToString() => Value.ToString();

    private sealed class Converter : JsonConverter<IntOrString>
    {
        public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonNode.Parse(ref reader) is JsonValue value && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number
                ? new IntOrString(value)
                : throw new JsonException("A number or a text is wanted here.");

        public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options) => value.Value.WriteTo(writer, options);
    }
}
