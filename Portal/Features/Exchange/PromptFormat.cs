using System.Text.Json.Serialization;

namespace Portal.Features.Exchange;

/// <summary>How prompts are written where they come from, or go to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PromptFormat>))]
public enum PromptFormat
{
    /// <summary>A <c>.prompt</c> file.</summary>
    Dotprompt,

    /// <summary>Prompt objects for a cluster, as YAML or JSON.</summary>
    Manifest,

    /// <summary>A prompt object of OpenAI's, or a request body of its API.</summary>
    OpenAi,

    /// <summary>Text and chat prompts as Langfuse exports them.</summary>
    Langfuse,
}
