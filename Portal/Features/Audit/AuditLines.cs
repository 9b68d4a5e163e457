using System.Buffers;

namespace Portal.Features.Audit;

/// <summary>Rows as JSON Lines: every field exactly as it is hashed (<c>changes</c> is a text that holds JSON), so that anyone can check the chain.</summary>
internal static class AuditLines
{
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = AuditJson.Options.Encoder };

    private static readonly string[] s_names = [.. AuditTable.FieldNames.Select(JsonNamingPolicy.CamelCase.ConvertName)];

    public static byte[] Write(IEnumerable<StoredRow> rows)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        foreach (var row in rows)
        {
            Write(buffer, writer, row);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Adds one line to <paramref name="buffer"/>, which <paramref name="writer"/> writes to.</summary>
    public static void Write(IBufferWriter<byte> buffer, Utf8JsonWriter writer, StoredRow row)
    {
        writer.Reset(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("sequence", row.Sequence);
        for (var index = 0; index < s_names.Length; index++)
        {
            if (row.Fields[index] is { } value)
            {
                writer.WriteString(s_names[index], value);
            }
        }

        writer.WriteString("hash", row.Hash);
        writer.WriteString("seal", row.Seal);
        writer.WriteEndObject();
        writer.Flush();
        buffer.Write("\n"u8);
    }
}
