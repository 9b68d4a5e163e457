using System.Text;

namespace Portal.ApiServer.Protobuf;

/// <summary>
/// Reads one message of the protobuf wire format (https://protobuf.dev/programming-guides/encoding/). It never reads past its bytes and never
/// allocates more than they hold.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private const int LongestVarint = 10;
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Number of the field <see cref="NextField"/> found.</summary>
    public int Number { get; private set; }

    /// <summary>How its value is written.</summary>
    public WireType Type { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="ProtobufException">The bytes are no field.</exception>
    public bool NextField()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var key = Varint();
        var number = key >> 3;
        if (number is 0 or > 0x1FFFFFFF)
        {
            throw new ProtobufException($"field number {number} is out of range");
        }

        (Number, Type) = ((int)number, (WireType)(key & 7));
        return true;
    }

    /// <summary>The value of an integer or bool.</summary>
    public long Integer()
    {
        Expect(WireType.Varint);
        return (long)Varint();
    }

    /// <summary>The value of a string, bytes or message.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        Expect(WireType.Length);
        var length = Varint();
        return length <= (ulong)_rest.Length ? Take((int)length) : throw Truncated();
    }

    /// <summary>The value of a string, which must be UTF-8.</summary>
    public string Text()
    {
        try
        {
            return s_strict.GetString(Bytes());
        }
        catch (DecoderFallbackException)
        {
            throw new ProtobufException($"field {Number} is not UTF-8");
        }
    }

    /// <summary>Passes over a value of any type and tells whether it was more than zero or empty.</summary>
    public bool Skip() => Type switch
    {
        WireType.Varint => Varint() != 0,
        WireType.Length => !Bytes().IsEmpty,
        WireType.Fixed32 => Take(sizeof(uint)).ContainsAnyExcept((byte)0),
        WireType.Fixed64 => Take(sizeof(ulong)).ContainsAnyExcept((byte)0),
        _ => throw new ProtobufException($"field {Number} has the unknown wire type {(int)Type}"),
    };

    /// <summary>Every integer of the field: one, or several packed together.</summary>
    public List<long> Integers()
    {
        if (Type != WireType.Length)
        {
            return [Integer()];
        }

        var result = new List<long>();
        var packed = new WireReader(Bytes());
        while (!packed._rest.IsEmpty)
        {
            result.Add((long)packed.Varint());
        }

        return result;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var index = 0; index < LongestVarint; index++)
        {
            if (index == _rest.Length)
            {
                throw Truncated();
            }

            var part = _rest[index];
            value |= (ulong)(part & 0x7F) << (7 * index);
            if (part < 0x80)
            {
                _rest = _rest[(index + 1)..];
                return value;
            }
        }

        throw new ProtobufException("an integer is longer than ten bytes");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw Truncated();
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private readonly void Expect(WireType type)
    {
        if (Type != type)
        {
            throw new ProtobufException($"field {Number} has the wire type {(int)Type} instead of {(int)type}");
        }
    }

    private static ProtobufException Truncated() => new("it ends in the middle of a field");
}

/// <summary>How a value is written; groups (3 and 4) are not used by Kubernetes.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}

/// <summary>Bytes are not the message they should be; the message says why.</summary>
internal class ProtobufException(string message) : Exception(message);

/// <summary>A message says something in a field that the tables do not know.</summary>
internal sealed class UnknownFieldException(string field) : ProtobufException($"{field} is not known")
{
    public string Field { get; } = field;
}
