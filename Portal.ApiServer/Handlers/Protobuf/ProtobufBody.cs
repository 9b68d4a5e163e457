using System.Text;

namespace Portal.ApiServer.Handlers.Protobuf;

/// <summary>
/// Bodies in the Kubernetes protobuf encoding, which kubectl uses for its imperative <c>create</c> and <c>auth</c> commands. A message with a field
/// that <see cref="ProtobufTypes"/> does not know is refused rather than stored without it.
/// </summary>
internal static class ProtobufBody
{
    private const int MaxDepth = 32;

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>Decodes a body to the JSON it stands for.</summary>
    /// <exception cref="ApiException">400: it is not the encoding it claims. 415: the kind, or a field of it, is not read; the message says what to do.</exception>
    public static RequestBody Parse(byte[] bytes, string kind)
    {
        if (!bytes.AsSpan().StartsWith(Magic))
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind}): the protobuf envelope is missing");
        }

        try
        {
            return new RequestBody(Envelope(bytes.AsSpan(Magic.Length), kind), [], "");
        }
        catch (InvalidDataException problem)
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind}): {problem.Message}");
        }
    }

    private static JsonObject Envelope(ReadOnlySpan<byte> bytes, string kind)
    {
        var type = new JsonObject();
        ReadOnlySpan<byte> raw = [];
        var field = new WireReader(bytes);
        while (field.Next())
        {
            if (field.Number == 1)
            {
                type = Message(field.Bytes, "TypeMeta", kind, 0);
            }
            else if (field.Number == 2)
            {
                raw = field.Bytes;
            }
        }

        var named = type["kind"]?.ToString() ?? kind;
        var target = Message(raw, ProtobufTypes.Has(named) ? named : throw Unread(kind, named), kind, 0);
        target["kind"] = named;
        if (type["apiVersion"] is { } apiVersion)
        {
            target["apiVersion"] = apiVersion.DeepClone();
        }

        return target;
    }

    private static JsonObject Message(ReadOnlySpan<byte> bytes, string type, string kind, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException("nested too deeply");
        }

        var target = new JsonObject();
        var field = new WireReader(bytes);
        while (field.Next())
        {
            var known = ProtobufTypes.Find(type, field.Number) ?? throw Unread(kind, $"{type} field {field.Number}");
            if (known.Repeated)
            {
                if (target[known.Name] is not JsonArray list)
                {
                    target[known.Name] = list = [];
                }

                list.Add(Value(field, known, kind, depth));
            }
            else if (known.Map)
            {
                AddEntry(target, known, field, kind, depth);
            }
            else if (Value(field, known, kind, depth) is { } value && (known.Keep || !IsZero(value)))
            {
                target[known.Name] = value;
            }
        }

        return target;
    }

    private static void AddEntry(JsonObject target, ProtobufField known, WireReader field, string kind, int depth)
    {
        if (target[known.Name] is not JsonObject map)
        {
            target[known.Name] = map = [];
        }

        var part = new WireReader(field.Bytes);
        var key = "";
        JsonNode? value = "";
        while (part.Next())
        {
            if (part.Number == 1)
            {
                key = Encoding.UTF8.GetString(part.Bytes);
            }
            else
            {
                value = Value(part, known, kind, depth);
            }
        }

        map[key] = value;
    }

    private static JsonNode? Value(WireReader field, ProtobufField known, string kind, int depth) => known.Type switch
    {
        "string" => Encoding.UTF8.GetString(field.Bytes),
        "bytes" => Convert.ToBase64String(field.Bytes),
        "int" => (long)field.Varint,
        "bool" => field.Varint != 0,
        "time" => Time(Message(field.Bytes, "Time", kind, depth + 1)),
        "intOrString" => IntOrString(Message(field.Bytes, "IntOrString", kind, depth + 1)),
        "quantity" => Message(field.Bytes, "Quantity", kind, depth + 1)["string"]?.DeepClone(),
        var message => Message(field.Bytes, message, kind, depth + 1),
    };

    private static JsonNode? Time(JsonObject time) => time["seconds"] is { } seconds
        ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp((long)seconds, -62135596800, 253402300799)).UtcDateTime
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)
        : null;

    private static JsonNode IntOrString(JsonObject value) =>
        value["type"] is null ? (long?)value["intVal"] ?? 0L : value["strVal"]?.ToString() ?? "";

    private static bool IsZero(JsonNode value) => value switch
    {
        JsonObject json => json.Count == 0,
        JsonValue scalar when scalar.TryGetValue(out string? text) => text.Length == 0,
        JsonValue scalar when scalar.TryGetValue(out long number) => number == 0,
        JsonValue scalar when scalar.TryGetValue(out bool truth) => !truth,
        _ => false,
    };

    private static ApiException Unread(string kind, string what) => ApiException.UnsupportedMediaType(
        $"{MediaType.Json}, {MediaType.Yaml}",
        $"; {what} in protobuf is not read here: write the {kind} with --dry-run=client -o yaml and pipe that into kubectl apply -f -");
}
