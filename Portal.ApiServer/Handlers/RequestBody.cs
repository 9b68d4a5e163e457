using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Handlers;

/// <summary>A parsed request body.</summary>
/// <param name="Node">The JSON value.</param>
/// <param name="Duplicates">Paths of keys that came twice; the last one won.</param>
/// <param name="Text">The body as it came, for error messages.</param>
internal sealed record RequestBody(JsonNode? Node, IReadOnlyList<string> Duplicates, string Text)
{
    /// <summary>The server's limit for any request body, 3 MiB.</summary>
    public const int MaxLength = 3 * 1024 * 1024;

    /// <summary>Reads the whole body.</summary>
    /// <exception cref="ApiException">413 when it is too long.</exception>
    public static async Task<byte[]> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxLength)
        {
            throw ApiException.TooLarge(MaxLength);
        }

        var collected = new ArrayBufferWriter<byte>((int)Math.Max(256, request.ContentLength ?? 0));
        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellationToken);
            foreach (var segment in result.Buffer)
            {
                collected.Write(segment.Span);
            }

            request.BodyReader.AdvanceTo(result.Buffer.End);
            if (collected.WrittenCount > MaxLength)
            {
                throw ApiException.TooLarge(MaxLength);
            }

            if (result.IsCompleted)
            {
                return collected.WrittenSpan.ToArray();
            }
        }
    }

    /// <summary>Parses a body.</summary>
    /// <param name="what">What was expected, for the message: a kind, or <c>patch</c>.</param>
    /// <exception cref="ApiException">400 when it does not parse.</exception>
    public static RequestBody Parse(byte[] bytes, BodyFormat format, string what)
    {
        var duplicates = new List<string>();
        try
        {
            var node = format == BodyFormat.Yaml ? KubernetesYaml.Parse(bytes, duplicates) : ObjectJson.Parse(bytes, duplicates);
            return new RequestBody(node, duplicates, Encoding.UTF8.GetString(bytes));
        }
        catch (JsonException problem)
        {
            var message = problem.Message.Split(" Path:", 2)[0].Split(" LineNumber:", 2)[0];
            throw ApiException.BadRequest(
                $"the object provided is unrecognized (must be of type {what}): couldn't get version/kind; json parse error: {message} ({Excerpt(bytes)})");
        }
    }

    /// <summary>The first characters of a body.</summary>
    public static string Excerpt(ReadOnlySpan<byte> bytes)
    {
        const int Shown = 30;
        return bytes.Length <= Shown ? Encoding.UTF8.GetString(bytes) : Encoding.UTF8.GetString(bytes[..Shown]) + " ...";
    }
}
