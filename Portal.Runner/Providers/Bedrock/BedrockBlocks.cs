using System.Collections.Frozen;
using System.Globalization;
using Portal.Dotprompt;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Bedrock;

/// <summary>Writes content blocks of one request, whose documents get names of their own.</summary>
/// <param name="model">Only Claude and Nova take the mark of a failed tool; to the others, its answer says enough.</param>
internal sealed class BedrockBlocks(string model)
{
    private static readonly FrozenDictionary<string, string> s_documents = new Dictionary<string, string>
    {
        ["application/pdf"] = "pdf",
        ["application/msword"] = "doc",
        ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"] = "docx",
        ["application/vnd.ms-excel"] = "xls",
        ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] = "xlsx",
        ["text/csv"] = "csv",
        ["text/html"] = "html",
        ["text/markdown"] = "md",
        ["text/plain"] = "txt",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> s_images = new Dictionary<string, string>
    {
        ["image/gif"] = "gif",
        ["image/jpeg"] = "jpeg",
        ["image/jpg"] = "jpeg",
        ["image/png"] = "png",
        ["image/webp"] = "webp",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private readonly bool _marksErrors = model.Contains("anthropic.", StringComparison.Ordinal) || model.Contains("nova", StringComparison.Ordinal);
    private int _documents;

    /// <summary>The block; null for what is not sent.</summary>
    public JsonObject? Of(Part part) => part switch
    {
        // The API refuses blocks of nothing but whitespace.
        TextPart text => string.IsNullOrWhiteSpace(text.Text) ? null : new JsonObject { ["text"] = text.Text },
        DataPart data => new JsonObject { ["text"] = data.Data?.ToJsonString(DotpromptJson.Options) ?? "null" },
        MediaPart media => MediaOf(media),
        ToolRequestPart call => new JsonObject
        {
            ["toolUse"] = new JsonObject { ["toolUseId"] = call.Ref, ["name"] = call.Name, ["input"] = ToolOutput.ObjectOf(call.Input ?? new JsonObject()) },
        },
        ToolResponsePart response => ResultOf(response),
        ReasoningPart reasoning => ThoughtOf(reasoning),
        _ => null,
    };

    private JsonObject ResultOf(ToolResponsePart response)
    {
        var result = new JsonObject
        {
            ["toolUseId"] = response.Ref,
            ["content"] = new JsonArray(new JsonObject { ["text"] = ToolOutput.TextOf(response.Output) is { Length: > 0 } text ? text : "null" }),
        };
        if (_marksErrors && ToolOutput.IsError(response))
        {
            result["status"] = "error";
        }

        return new JsonObject { ["toolResult"] = result };
    }

    private static JsonObject? ThoughtOf(ReasoningPart reasoning) =>
        ThoughtSignature.HiddenOf(reasoning) is { } hidden ? Reasoning(new JsonObject { ["redactedContent"] = hidden })
        : ThoughtSignature.Of(reasoning) is { } signature
            ? Reasoning(new JsonObject { ["reasoningText"] = new JsonObject { ["text"] = reasoning.Text, ["signature"] = signature } })
            : null;

    private static JsonObject Reasoning(JsonObject content) => new() { ["reasoningContent"] = content };

    private JsonObject MediaOf(MediaPart media)
    {
        var inline = InlineMedia.Of(media);
        var type = inline?.Type ?? media.ContentType ?? "";
        JsonObject source = inline is not null ? new() { ["bytes"] = inline.Data }
            : media.Url.StartsWith("s3://", StringComparison.Ordinal) ? new() { ["s3Location"] = new JsonObject { ["uri"] = media.Url } }
            : throw new GenkitException(GenkitStatus.Unimplemented, "bedrock does not fetch media from the web: give it as a data: or s3: URL.");
        if (s_images.TryGetValue(type, out var image))
        {
            return new JsonObject { ["image"] = new JsonObject { ["format"] = image, ["source"] = source } };
        }

        return s_documents.TryGetValue(type, out var document)
            ? new JsonObject
            {
                ["document"] = new JsonObject
                {
                    ["format"] = document,
                    ["name"] = string.Create(CultureInfo.InvariantCulture, $"document-{++_documents}"),
                    ["source"] = source,
                },
            }
            : throw new GenkitException(GenkitStatus.Unimplemented, $"Media of type \"{type}\" cannot be sent to bedrock; GIF, JPEG, PNG, WebP, PDF, text and office documents can.");
    }
}
