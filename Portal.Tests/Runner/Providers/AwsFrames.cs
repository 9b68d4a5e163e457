using System.Buffers.Binary;
using System.Text;
using Portal.Runner.Providers.Bedrock;

namespace Portal.Tests.Runner.Providers;

/// <summary>Messages of AWS's event streams.</summary>
internal static class AwsFrames
{
    /// <summary>A message with the given type and JSON.</summary>
    public static byte[] Of(string type, string payload, string kind = "event")
    {
        byte[] headers = [.. Header(":message-type", kind), .. Header($":{kind}-type", type), 4, (byte)'f', (byte)'l', (byte)'a', (byte)'g', 0];
        var body = Encoding.UTF8.GetBytes(payload);
        var frame = new byte[12 + headers.Length + body.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), Crc32.Of(frame.AsSpan(0, 8)));
        headers.CopyTo(frame, 12);
        body.CopyTo(frame, 12 + headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(frame.Length - 4), Crc32.Of(frame.AsSpan(0, frame.Length - 4)));
        return frame;
    }

    private static byte[] Header(string name, string value) =>
        [(byte)name.Length, .. Encoding.UTF8.GetBytes(name), 7, (byte)(value.Length >> 8), (byte)value.Length, .. Encoding.UTF8.GetBytes(value)];
}
