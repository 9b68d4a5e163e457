using System.Globalization;
using System.Text.Json.Serialization;

namespace Portal.Operator.Api;

/// <summary>A resource quantity such as <c>500m</c>, <c>1Gi</c> or <c>2</c>, kept as written (string or number).</summary>
[JsonConverter(typeof(Converter))]
public sealed record Quantity(JsonValue Value)
{
    private static readonly Dictionary<string, decimal> s_suffixes = new(StringComparer.Ordinal)
    {
        [""] = 1,
        ["n"] = 1e-9m,
        ["u"] = 1e-6m,
        ["m"] = 1e-3m,
        ["k"] = 1e3m,
        ["M"] = 1e6m,
        ["G"] = 1e9m,
        ["T"] = 1e12m,
        ["P"] = 1e15m,
        ["E"] = 1e18m,
        ["Ki"] = 1L << 10,
        ["Mi"] = 1L << 20,
        ["Gi"] = 1L << 30,
        ["Ti"] = 1L << 40,
        ["Pi"] = 1L << 50,
        ["Ei"] = 1L << 60,
    };

    internal const string Pattern =
        @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    /// <summary>How much it is in whole units; null when it is not written as a quantity, or beyond what can be compared.</summary>
    public decimal? Amount
    {
        get
        {
            var text = ToString();
            var digits = text.AsSpan().TrimEnd("numkMGTPEi");
            var suffix = text[digits.Length..];
            return s_suffixes.TryGetValue(suffix, out var factor)
                && decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= decimal.MaxValue / Math.Max(factor, 1)
                ? number * factor
                : null;
        }
    }

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
