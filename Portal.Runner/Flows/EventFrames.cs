using System.Text.Encodings.Web;
using Portal.Dotprompt;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;

namespace Portal.Runner.Flows;

/// <summary>
/// Writes the frames of a streamed answer: exactly <c>data: {json}</c> and two line feeds, without comments, events or ids, since Genkit's own
/// clients parse no more than that. Frames reach the caller by <see cref="FlushAsync"/>, so that those that come at once leave at once.
/// </summary>
internal sealed class EventFrames(HttpResponse response)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private const int ManyBytes = 16 * 1024;
    private Utf8JsonWriter? _json;
    private long _unsent;

    /// <summary>Whether frames were written that have not been sent.</summary>
    public bool ArePending => _unsent > 0;

    /// <summary>Whether they must be sent before more is written, so that a slow reader holds back a fast provider.</summary>
    public bool AreMany => _unsent >= ManyBytes;

    public void Write(GenerateEvent.Chunk chunk)
    {
        var json = Open();
        json.WriteStartObject();
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, chunk.Role);
        json.WriteNumber("index"u8, chunk.Index);
        json.WriteStartArray("content"u8);
        foreach (var part in chunk.Content)
        {
            if (part is TextPart { Metadata: null } text)
            {
                json.WriteStartObject();
                json.WriteString("text"u8, text.Text);
                json.WriteEndObject();
            }
            else
            {
                JsonSerializer.Serialize(json, part, DotpromptJson.Options);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        Close(json);
    }

    /// <summary>A frame of any other kind.</summary>
    public void Write(JsonObject frame)
    {
        var json = Open();
        frame.WriteTo(json);
        Close(json);
    }

    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _unsent = 0;
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private Utf8JsonWriter Open()
    {
        if (!response.HasStarted && _json is null)
        {
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold small frames back
        }

        Append("data: "u8);
        _json ??= new Utf8JsonWriter(response.BodyWriter, s_options);
        return _json;
    }

    private void Close(Utf8JsonWriter json)
    {
        json.Flush();
        _unsent += json.BytesCommitted;
        json.Reset();
        Append("\n\n"u8);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(response.BodyWriter.GetSpan(bytes.Length));
        response.BodyWriter.Advance(bytes.Length);
    }
}
