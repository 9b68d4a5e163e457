namespace Portal.Runner.Providers.Bedrock;

/// <summary>The checksum of event streams: CRC-32 as in ISO 3309.</summary>
internal static class Crc32
{
    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(static index => Enumerable.Range(0, 8)
        .Aggregate((uint)index, static (value, _) => (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB88320))];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var value = uint.MaxValue;
        foreach (var item in bytes)
        {
            value = (value >> 8) ^ s_table[(byte)(value ^ item)];
        }

        return ~value;
    }
}
