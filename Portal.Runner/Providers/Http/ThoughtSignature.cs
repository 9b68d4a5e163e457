using Portal.Dotprompt.Messages;

namespace Portal.Runner.Providers.Http;

/// <summary>
/// A vendor's seal on what its model thought, which it wants back with the next turn of a tool loop. It is kept in the metadata of the
/// part that it came with; in a stream it ends that part, so that what follows belongs to another.
/// </summary>
internal static class ThoughtSignature
{
    private const string Signature = "thoughtSignature";
    private const string Redacted = "redactedThinking";

    public static T With<T>(T part, string? signature) where T : Part =>
        string.IsNullOrEmpty(signature) ? part : part with { Metadata = new JsonObject { [Signature] = signature } };

    public static string? Of(Part part) => part.Metadata?[Signature].Text();

    /// <summary>Thoughts that the vendor shows to nobody and still wants back.</summary>
    public static ReasoningPart Hidden(string data) => new("") { Metadata = new JsonObject { [Redacted] = data } };

    public static string? HiddenOf(Part part) => part.Metadata?[Redacted].Text();
}
