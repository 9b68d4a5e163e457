using System.Text.Json.Serialization;

namespace Portal.Operator.Api;

/// <summary>A resource quantity such as <c>500m</c>, <c>1Gi</c> or <c>2</c>, kept as written (string or number).</summary>
[JsonConverter(typeof(Converter))]
public sealed record Quantity(JsonValue Value)
{
    internal const string Pattern =
        @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    public override string ToString() => Value.ToString();

    private sealed class Converter : JsonConverter<Quantity>
    {
        public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonNode.Parse(ref reader) is JsonValue value && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number
                ? new Quantity(value)
                : throw new JsonException("A quantity is a string or a number.");

        public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => value.Value.WriteTo(writer, options);
    }
}
