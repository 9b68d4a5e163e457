using Microsoft.AspNetCore.Http;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Storage;
using Portal.ApiServer.Tables;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Handlers;

/// <summary>Writes responses.</summary>
internal static class Answer
{
    private static readonly JsonWriterOptions s_writer = new() { Encoder = KubernetesJson.Options.Encoder, SkipValidation = true, MaxDepth = 256 };

    public static async Task JsonAsync(HttpContext http, int status, JsonNode body, string contentType = MediaType.Json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        await using (var writer = new Utf8JsonWriter(http.Response.BodyWriter, s_writer))
        {
            body.WriteTo(writer, KubernetesJson.Options);
        }

        await EndAsync(http);
    }

    public static async Task BytesAsync(HttpContext http, int status, ReadOnlyMemory<byte> bytes, string contentType = MediaType.Json, bool newline = true)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        await http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted);
        if (newline)
        {
            await EndAsync(http);
        }
    }

    public static async Task TextAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(text, http.RequestAborted);
    }

    public static Task NotFoundPageAsync(HttpContext http) => TextAsync(http, 404, "404 page not found\n");

    /// <summary>Adds Warning headers, as many as a client may be expected to take. What a header cannot hold becomes a question mark.</summary>
    public static void Warn(HttpContext http, IEnumerable<string> warnings)
    {
        const int MaxLength = 4096;
        var length = 0;
        foreach (var warning in warnings.Distinct())
        {
            var text = string.Concat(warning.Take(MaxLength).Select(letter => letter is < ' ' or > '~' ? '?' : letter));
            length += text.Length;
            if (length > MaxLength)
            {
                return;
            }

            http.Response.Headers.Append("Warning", FieldValidation.WarningHeader(text));
        }
    }

    /// <summary>One object, in the shape the client asked for.</summary>
    public static Task ObjectAsync(ApiCall call, ServerContext server, int status, JsonObject json) => JsonAsync(call.Http, status, call.Shape() switch
    {
        ResponseShape.Table => call.Target.Resource.Table.ToTable([json], json["metadata"] as JsonObject, Include(call), server.Now),
        ResponseShape.PartialMetadata => PartialMetadata.Of(json),
        _ => json,
    });

    public static Task ListAsync(ApiCall call, ServerContext server, ListPage page)
    {
        var resource = call.Target.Resource;
        var metadata = new JsonObject { ["resourceVersion"] = Metadata.Format(page.Revision) };
        if (page.Continue is not null)
        {
            metadata["continue"] = page.Continue;
        }

        if (page.Remaining is not null)
        {
            metadata["remainingItemCount"] = page.Remaining;
        }

        return call.Shape() switch
        {
            ResponseShape.Table => JsonAsync(
                call.Http, 200, resource.Table.ToTable(page.Items.Select(stored => resource.Present(stored).Json), metadata, Include(call), server.Now)),
            ResponseShape.PartialMetadata => JsonAsync(
                call.Http, 200, PartialMetadata.ListOf(page.Items.Select(stored => resource.Present(stored).Json), metadata)),
            _ => PlainListAsync(call, metadata, page.Items),
        };
    }

    public static IncludeObject Include(ApiCall call) => call.Query("includeObject") switch
    {
        null or "" or "Metadata" => IncludeObject.Metadata,
        "None" => IncludeObject.None,
        "Object" => IncludeObject.Object,
        var other => throw ApiException.BadRequest($"unrecognized includeObject value: \"{other}\""),
    };

    private static async Task PlainListAsync(ApiCall call, JsonObject metadata, IReadOnlyList<StoredObject> items)
    {
        var resource = call.Target.Resource;
        call.Http.Response.ContentType = MediaType.Json;
        await using (var writer = new Utf8JsonWriter(call.Http.Response.BodyWriter, s_writer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", resource.ListKind);
            writer.WriteString("apiVersion", resource.Definition.ApiVersion);
            writer.WritePropertyName("metadata");
            metadata.WriteTo(writer);
            writer.WriteStartArray("items");
            foreach (var stored in items)
            {
                writer.WriteRawValue(resource.Present(stored).Utf8, skipInputValidation: true);
                if (writer.BytesPending > 64 * 1024)
                {
                    await writer.FlushAsync(call.Aborted);
                    await call.Http.Response.BodyWriter.FlushAsync(call.Aborted);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await EndAsync(call.Http);
    }

    private static async Task EndAsync(HttpContext http)
    {
        http.Response.BodyWriter.Write("\n"u8);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    /// <summary>Copies bytes into a response that is flushed later.</summary>
    public static void Write(this System.IO.Pipelines.PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }
}
