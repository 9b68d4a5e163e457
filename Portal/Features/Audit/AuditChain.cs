using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>
/// The hash of a row: SHA-256 over the hash of the row before and every field, each as <c>LENGTH:BYTES,</c> (UTF-8, netstrings) or <c>-,</c> for none, in
/// the order of the columns. No two rows have the same form, and any language can compute it.
/// </summary>
internal sealed class AuditChain
{
    /// <summary>What stands before the first row.</summary>
    public static readonly string Genesis = new('0', 64);

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>The hash of <paramref name="row"/> after <paramref name="previous"/>, hexadecimal.</summary>
    public string HashOf(string previous, AuditRow row)
    {
        _buffer.ResetWrittenCount();
        Write(previous);
        Write(row.Sequence.ToString(CultureInfo.InvariantCulture));
        Write(AuditTable.Time(row.At));
        Write(row.ActorId);
        Write(row.ActorName);
        Write(row.ActorKind);
        Write(row.Source);
        Write(row.Action);
        Write(row.Kind);
        Write(row.Namespace);
        Write(row.Name);
        Write(row.Result);
        Write(row.Changes);
        Write(row.Reason);
        Write(row.CorrelationId);
        Write(row.Address);
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
