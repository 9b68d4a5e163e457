using System.Text.Json.Serialization;

namespace Portal.Dotprompt.Messages;

/// <summary>One message of a conversation, in Genkit's shape.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>model</c> or <c>tool</c>.</param>
/// <param name="Content">Parts in order.</param>
/// <param name="Metadata">Free metadata such as <c>purpose</c>; null when absent.</param>
public sealed record Message(string Role, IReadOnlyList<Part> Content, JsonObject? Metadata = null)
{
    /// <summary>All text parts joined.</summary>
    [JsonIgnore]
    public string Text => string.Concat(Content.OfType<TextPart>().Select(part => part.Text));
}
