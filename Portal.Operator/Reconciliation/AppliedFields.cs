using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Portal.Kubernetes.Objects;

namespace Portal.Operator.Reconciliation;

/// <summary>
/// Fingerprints of what one manager has applied: of the fields that are its own in a live object, with the values they have now, and of an object that is
/// to be applied. They are equal when applying would change nothing and nobody has taken a field over. What is whose is read from
/// <c>metadata.managedFields</c> (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). The order of members does not matter.
/// </summary>
internal static class AppliedFields
{
    private static readonly JsonObject s_all = [];

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? s_scratch;

    /// <summary>Of what the object has; null when the manager has applied nothing.</summary>
    public static UInt128? FingerprintOf(KubeObject live, string manager)
    {
        var entry = (live.Metadata["managedFields"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(entry =>
            (string?)entry["manager"] == manager && (string?)entry["operation"] == "Apply" && entry["subresource"] is null);
        return entry?["fieldsV1"] is JsonObject fields ? Hash(writer => Write(writer, live.Json, fields)) : null;
    }

    /// <summary>Of what is to be applied.</summary>
    public static UInt128 FingerprintOf(KubeObject desired) => Hash(writer =>
    {
        writer.WriteStartObject();
        foreach (var name in Sorted(desired.Json.Select(member => member.Key).Where(name => name is not ("apiVersion" or "kind"))))
        {
            writer.WritePropertyName(name);
            if (name == "metadata")
            {
                WriteMembers(writer, desired.Metadata, Sorted(desired.Metadata.Select(member => member.Key).Where(member => member is not ("name" or "namespace"))), s_all);
            }
            else
            {
                Write(writer, desired.Json[name], s_all);
            }
        }

        writer.WriteEndObject();
    });

    /// <param name="writer">Gets the value, with members in ordinal order.</param>
    /// <param name="value">Anything.</param>
    /// <param name="fields">A set in the form of <c>fieldsV1</c>; an empty one is the whole value.</param>
    private static void Write(Utf8JsonWriter writer, JsonNode? value, JsonObject fields)
    {
        switch (value)
        {
            case JsonObject map when fields.Count == 0:
                WriteMembers(writer, map, Sorted(map.Select(member => member.Key)), fields);
                break;
            case JsonObject map:
                WriteMembers(writer, map, Sorted(fields.Select(path => path.Key).Where(path => path.StartsWith("f:", StringComparison.Ordinal)).Select(path => path[2..])
                    .Where(map.ContainsKey)), fields);
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var (item, inner) in fields.Count == 0 ? list.Select(item => (item, s_all)) : Owned(list, fields))
                {
                    Write(writer, item, inner);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteMembers(Utf8JsonWriter writer, JsonObject map, List<string> names, JsonObject fields)
    {
        writer.WriteStartObject();
        foreach (var name in names)
        {
            writer.WritePropertyName(name);
            Write(writer, map[name], fields.Count == 0 ? s_all : fields["f:" + name] as JsonObject ?? s_all);
        }

        writer.WriteEndObject();
    }

    /// <summary>Items are <c>k:{key fields}</c> or <c>v:value</c>; those of others are left out.</summary>
    private static IEnumerable<(JsonNode? Item, JsonObject Fields)> Owned(JsonArray list, JsonObject fields)
    {
        var keys = fields.Where(path => path.Key.StartsWith("k:", StringComparison.Ordinal))
            .Select(path => (Key: JsonNode.Parse(path.Key[2..])!.AsObject(), Fields: path.Value as JsonObject ?? s_all)).ToList();
        var values = fields.Where(path => path.Key.StartsWith("v:", StringComparison.Ordinal)).Select(path => JsonNode.Parse(path.Key[2..])).ToList();
        foreach (var item in list)
        {
            if (item is JsonObject map && keys.Find(entry => entry.Key.All(field => JsonNode.DeepEquals(field.Value, map[field.Key]))).Fields is { } owned)
            {
                yield return (item, owned);
            }
            else if (values.Exists(known => JsonNode.DeepEquals(known, item)))
            {
                yield return (item, s_all);
            }
        }
    }

    private static List<string> Sorted(IEnumerable<string> names)
    {
        var sorted = names.ToList();
        sorted.Sort(StringComparer.Ordinal);
        return sorted;
    }

    private static UInt128 Hash(Action<Utf8JsonWriter> write)
    {
        if (s_scratch is not var (buffer, writer))
        {
            buffer = new ArrayBufferWriter<byte>(8 * 1024);
            writer = new Utf8JsonWriter(buffer);
            s_scratch = (buffer, writer);
        }

        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        write(writer);
        writer.Flush();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.WrittenSpan, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
