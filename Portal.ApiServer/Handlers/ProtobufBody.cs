using Portal.ApiServer.Protobuf;

namespace Portal.ApiServer.Handlers;

/// <summary>
/// Bodies in the Kubernetes protobuf encoding, which kubectl uses for commands such as <c>create configmap</c>: four bytes, then a
/// <c>runtime.Unknown</c> that names version and kind and holds the message. They become the JSON that would have said the same.
/// </summary>
internal static class ProtobufBody
{
    private const string Version = "v1";

    private static ReadOnlySpan<byte> Prefix => "k8s\0"u8;

    /// <summary>Reads an object.</summary>
    /// <param name="kind">The kind that is expected.</param>
    /// <exception cref="ApiException">400 when it does not parse; 415 when the kind, or a field of it, is not read: the message says what to do.</exception>
    public static RequestBody Parse(byte[] bytes, string kind) => Read(kind, () =>
    {
        var envelope = Envelope.Read(bytes);
        var table = MessageTables.ForKind(envelope.ApiVersion, envelope.Kind) ?? throw Unread(kind, $"the kind {envelope.Kind} of \"{envelope.ApiVersion}\"");
        var node = MessageDecoder.Decode(envelope.Message, table);
        node["apiVersion"] = envelope.ApiVersion;
        node["kind"] = envelope.Kind;
        return new RequestBody(node, [], "");
    });

    /// <summary>Reads the options of a delete. Their version is that of the deleted object's group.</summary>
    /// <exception cref="ApiException">400 when it does not parse.</exception>
    public static JsonObject ParseDeleteOptions(byte[] bytes) => Read("DeleteOptions", () =>
        MessageDecoder.Decode(Envelope.Read(bytes).Message, MessageTables.ForKind(Version, "DeleteOptions")!));

    private static T Read<T>(string kind, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnknownFieldException problem)
        {
            throw Unread(kind, problem.Field);
        }
        catch (ProtobufException problem)
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind}): protobuf error: {problem.Message}");
        }
    }

    private static ApiException Unread(string kind, string what) => ApiException.UnsupportedMediaType(
        $"{MediaType.Json}, {MediaType.Yaml}",
        $"; {what} in protobuf is not read here: write the {kind} with --dry-run=client -o yaml and pipe that into kubectl apply -f -");

    /// <summary>What a <c>runtime.Unknown</c> says: field 1 version and kind, 2 the message, 3 how it is compressed.</summary>
    private sealed record Envelope(string ApiVersion, string Kind, byte[] Message)
    {
        public static Envelope Read(byte[] bytes)
        {
            if (!bytes.AsSpan().StartsWith(Prefix))
            {
                throw new ProtobufException("the body does not begin with the bytes k8s and zero");
            }

            var reader = new WireReader(bytes.AsSpan(Prefix.Length));
            var (apiVersion, kind, message) = ("", "", Array.Empty<byte>());
            while (reader.NextField())
            {
                switch (reader.Number)
                {
                    case 1:
                        (apiVersion, kind) = ReadType(reader.Bytes());
                        break;
                    case 2:
                        message = reader.Bytes().ToArray();
                        break;
                    case 3 when reader.Text() is { Length: > 0 } encoding:
                        throw new ProtobufException($"the content encoding {encoding} is not read");
                    case 3:
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return new Envelope(apiVersion, kind, message);
        }

        private static (string ApiVersion, string Kind) ReadType(ReadOnlySpan<byte> bytes)
        {
            var reader = new WireReader(bytes);
            var (apiVersion, kind) = ("", "");
            while (reader.NextField())
            {
                switch (reader.Number)
                {
                    case 1:
                        apiVersion = reader.Text();
                        break;
                    case 2:
                        kind = reader.Text();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return (apiVersion, kind);
        }
    }
}
