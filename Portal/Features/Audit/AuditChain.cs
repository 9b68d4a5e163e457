using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Features.Audit;

/// <summary>
/// The hash of a row: SHA-256 over the hash of the row before, the row's number and its fields, each as <c>LENGTH:BYTES,</c> (UTF-8, netstrings) or
/// <c>-,</c> for none. No two rows have the same form, and any language can compute it. Not thread-safe.
/// </summary>
internal sealed class AuditChain
{
    /// <summary>What stands before the first row.</summary>
    public static readonly string Genesis = new('0', 64);

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>The hash, hexadecimal, of a row that comes after <paramref name="previous"/>.</summary>
    /// <param name="fields">In the order of <see cref="AuditTable.FieldNames"/>.</param>
    public string HashOf(string previous, long sequence, ReadOnlySpan<string?> fields)
    {
        _buffer.ResetWrittenCount();
        Write(previous);
        Write(sequence.ToString(CultureInfo.InvariantCulture));
        foreach (var field in fields)
        {
            Write(field);
        }

        return Convert.ToHexStringLower(SHA256.HashData(_buffer.WrittenSpan));
    }

    private void Write(string? value)
    {
        if (value is null)
        {
            _buffer.Write("-,"u8);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        var span = _buffer.GetSpan(length + 16);
        length.TryFormat(span, out var digits, default, CultureInfo.InvariantCulture);
        span[digits] = (byte)':';
        Encoding.UTF8.GetBytes(value, span[(digits + 1)..]);
        span[digits + 1 + length] = (byte)',';
        _buffer.Advance(digits + length + 2);
    }
}
