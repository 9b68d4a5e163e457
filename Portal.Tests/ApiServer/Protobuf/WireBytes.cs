using System.Text;

namespace Portal.Tests.ApiServer.Protobuf;

/// <summary>Writes the protobuf wire format by hand.</summary>
internal static class WireBytes
{
    public static byte[] Number(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    public static byte[] Text(int field, string value) => Message(field, Encoding.UTF8.GetBytes(value));

    public static byte[] Message(int field, params byte[][] parts)
    {
        byte[] content = [.. parts.SelectMany(part => part)];
        return [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];
    }

    /// <summary>A whole body: prefix and envelope around a message.</summary>
    public static byte[] Body(string apiVersion, string kind, params byte[][] parts) =>
        [.. "k8s\0"u8, .. Message(1, Text(1, apiVersion), Text(2, kind)), .. Message(2, parts), .. Text(3, ""), .. Text(4, "")];

    private static List<byte> Varint(ulong value)
    {
        var result = new List<byte>();
        for (; value > 0x7F; value >>= 7)
        {
            result.Add((byte)(value | 0x80));
        }

        result.Add((byte)value);
        return result;
    }
}
