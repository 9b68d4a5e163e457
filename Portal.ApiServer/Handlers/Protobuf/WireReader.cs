using System.Buffers.Binary;

namespace Portal.ApiServer.Handlers.Protobuf;

/// <summary>Walks the fields of one protobuf message. The properties describe the field that <see cref="Next"/> found.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public int Number { get; private set; }

    /// <summary>Value of a number field.</summary>
    public ulong Varint { get; private set; }

    /// <summary>Content of a string, bytes or message field.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">The bytes are no protobuf.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = ReadVarint();
        Number = (int)(tag >> 3);
        Varint = 0;
        Bytes = [];
        switch (tag & 7)
        {
            case 0:
                Varint = ReadVarint();
                return true;
            case 1:
                Varint = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                return true;
            case 2:
                Bytes = Take(ReadVarint());
                return true;
            case 5:
                Varint = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                return true;
            default:
                throw new InvalidDataException("the protobuf message is malformed");
        }
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw new InvalidDataException("the protobuf message is cut off");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }

        throw new InvalidDataException("the protobuf message is malformed");
    }
}
