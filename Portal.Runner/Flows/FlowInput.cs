using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Unicode;
using Portal.Runner.Engine;

namespace Portal.Runner.Flows;

/// <summary>The input of a call.</summary>
/// <param name="Value">The input object; empty when the body was empty or <c>null</c>.</param>
/// <param name="IsEnvelope">
/// The body was Genkit's <c>{"data": …}</c>. That is how it is read when it has no other key than <c>data</c> and <c>init</c>,
/// <c>data</c> is an object or null, and the prompt's own schema has no property <c>data</c>.
/// </param>
internal sealed record FlowInput(JsonObject Value, bool IsEnvelope)
{
    /// <summary>What came beside <c>data</c>; null when nothing did.</summary>
    public JsonNode? Init { get; init; }

    /// <summary>How long the body was.</summary>
    public int Bytes { get; init; }

    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <exception cref="RequestRefusedException">Too large (413), not JSON by its type (415), or not a JSON object (400).</exception>
    public static async Task<FlowInput> ReadAsync(HttpRequest request, JsonObject? schema, long maxBytes, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(request, maxBytes, cancellationToken);
        if (body.Length == 0)
        {
            return new FlowInput([], IsEnvelope: false);
        }

        if (request.ContentType is { Length: > 0 } type && !IsJson(type))
        {
            throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType, "The body must be JSON: send Content-Type: application/json.");
        }

        return Interpret(Parse(body), schema) with { Bytes = body.Length };
    }

    internal static FlowInput Interpret(JsonNode? body, JsonObject? schema)
    {
        switch (body)
        {
            case null:
                return new FlowInput([], IsEnvelope: false);
            case JsonObject value when IsWrapped(value, schema):
                var data = value["data"] as JsonObject;
                value.Remove("data");
                return new FlowInput(data ?? [], IsEnvelope: true) { Init = value["init"] };
            case JsonObject value:
                return new FlowInput(value, IsEnvelope: false);
            default:
                throw Invalid($"expected an object, got {(body is JsonArray ? "an array" : "a " + body.GetValueKind().ToString().ToLowerInvariant())}");
        }
    }

    private static bool IsWrapped(JsonObject value, JsonObject? schema) =>
        value.TryGetPropertyValue("data", out var data) && data is null or JsonObject && value.ContainsKey("data")
        && value.All(static member => member.Key is "data" or "init")
        && (schema?["properties"] as JsonObject)?.ContainsKey("data") != true;

    private static JsonNode? Parse(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith("\uFEFF"u8))
        {
            body = body[3..];
        }

        if (!Utf8.IsValid(body))
        {
            throw Invalid("it is not UTF-8");
        }

        try
        {
            var node = JsonNode.Parse(body, nodeOptions: null, s_strict);
            return node.IsReadable() ? node : throw Invalid("a string holds half of a surrogate pair");
        }
        catch (JsonException exception)
        {
            throw Invalid(exception.Message);
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request, long maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.Buffer.Length > maxBytes)
            {
                reader.AdvanceTo(result.Buffer.End); // the server reads on for a while, so that the caller gets to see the answer
                throw TooLarge(maxBytes);
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static bool IsJson(string contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType is { } name
        && (name.Equals("application/json", StringComparison.OrdinalIgnoreCase) || name.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static RequestRefusedException TooLarge(long maxBytes) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {maxBytes} bytes.");

    private static RequestRefusedException Invalid(string reason) => new(StatusCodes.Status400BadRequest, $"invalid JSON body: {reason}");
}
