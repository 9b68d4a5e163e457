using System.Buffers;
using System.Globalization;
using System.Text;

namespace Portal.Dotprompt.Text;

/// <summary>Text that grows in an array of the shared pool; the array goes back on <see cref="Dispose"/>.</summary>
internal sealed class TextBuffer : IDisposable
{
    private const int LongestNumber = 32;

    private char[] _characters = ArrayPool<char>.Shared.Rent(4096);

    public int Length { get; private set; }

    public ReadOnlySpan<char> Span => _characters.AsSpan(0, Length);

    public void Append(char c)
    {
        if (Length == _characters.Length)
        {
            Grow(1);
        }

        _characters[Length++] = c;
    }

    public void Append(ReadOnlySpan<char> text)
    {
        if (text.Length > _characters.Length - Length)
        {
            Grow(text.Length);
        }

        text.CopyTo(_characters.AsSpan(Length));
        Length += text.Length;
    }

    public void AppendUtf8(ReadOnlySpan<byte> text)
    {
        if (text.Length > _characters.Length - Length)
        {
            Grow(text.Length);
        }

        Length += Encoding.UTF8.GetChars(text, _characters.AsSpan(Length));
    }

    /// <summary>As <see cref="JsText.FromNumber"/> writes it.</summary>
    public void Append(double number)
    {
        if (Math.Abs(number) >= 1e15 || number != Math.Truncate(number))
        {
            Append(JsText.FromNumber(number));
            return;
        }

        if (LongestNumber > _characters.Length - Length)
        {
            Grow(LongestNumber);
        }

        ((long)number).TryFormat(_characters.AsSpan(Length), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    public void Truncate(int length) => Length = length;

    public override string ToString() => new(Span);

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_characters);
        _characters = [];
        Length = 0;
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<char>.Shared.Rent(Math.Max(_characters.Length * 2, Length + more));
        Span.CopyTo(larger);
        ArrayPool<char>.Shared.Return(_characters);
        _characters = larger;
    }
}
