using System.Text.Json.Serialization;
using Portal.Dotprompt;

namespace Portal.Features.Prompts;

/// <summary>JSON of answers that hold messages, in Genkit's shape.</summary>
internal static class PromptsJson
{
    public static JsonSerializerOptions Options { get; } = new(DotpromptJson.Options) { Converters = { new JsonStringEnumConverter() } };
}
