using System.Text.Json.Serialization;

namespace Portal.Dotprompt.Messages;

/// <summary>Reads and writes parts by their one discriminating key, as in Genkit's data model.</summary>
internal sealed class PartJsonConverter : JsonConverter<Part>
{
    public override bool CanConvert(Type typeToConvert) => typeof(Part).IsAssignableFrom(typeToConvert);

    public override Part Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotImplementedException();

    public override void Write(Utf8JsonWriter writer, Part value, JsonSerializerOptions options) => throw new NotImplementedException();
}
