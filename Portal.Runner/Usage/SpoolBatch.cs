namespace Portal.Runner.Usage;

/// <summary>Lines to be delivered together.</summary>
/// <param name="Records">JSON objects, parted by commas.</param>
/// <param name="Count">How many.</param>
/// <param name="End">Where in the file the batch ends.</param>
internal sealed record SpoolBatch(byte[] Records, int Count, long End)
{
    public SpoolFile? File { get; init; }

    /// <param name="bytes">A stretch of the file that begins with a line.</param>
    /// <param name="start">Where in the file it begins.</param>
    /// <param name="maxRecords">Lines to take at most.</param>
    public static SpoolBatch Read(ReadOnlySpan<byte> bytes, long start, int maxRecords)
    {
        var records = new byte[bytes.Length];
        var (length, count, position) = (0, 0, 0);
        while (count < maxRecords && bytes[position..].IndexOf((byte)'\n') is var size and >= 0)
        {
            var line = bytes.Slice(position, size);
            position += size + 1;
            if (!IsObject(line))
            {
                continue;
            }

            if (count++ > 0)
            {
                records[length++] = (byte)',';
            }

            line.CopyTo(records.AsSpan(length));
            length += size;
        }

        // Without a line feed there is no line: one is never longer than what is read at once.
        return position == 0
            ? new SpoolBatch([], 0, start + bytes.Length)
            : new SpoolBatch(records[..length], count, start + position);
    }

    private static bool IsObject(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
