using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Portal.Dotprompt.Messages;

namespace Portal.Dotprompt;

/// <summary>The one set of JSON options for prompts and messages; reads and writes messages in Genkit's wire shape.</summary>
public static class DotpromptJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new PartJsonConverter() },
    };
}
