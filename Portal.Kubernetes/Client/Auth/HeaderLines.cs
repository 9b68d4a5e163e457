using System.Text;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>
/// Sends each value of a header in a line of its own: HttpClient sends them in one, with commas, which API servers take for a single value
/// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation). The values are given as one text, which
/// <see cref="Join"/> makes; none of them can begin a line by itself.
/// </summary>
public sealed class HeaderLines(string name) : Encoding
{
    private const char Separator = '\u001f';
    private const string Prefix = "Impersonate-";
    private static readonly string[] s_several = [Prefix + "Group", Prefix + "Extra-"];
    private readonly string _line = $"\r\n{name}: ";

    /// <summary>For <see cref="SocketsHttpHandler.RequestHeaderEncodingSelector"/>.</summary>
    public static Encoding? Of(string name, HttpRequestMessage request) =>
        s_several.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)) ? new HeaderLines(name)
        : name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? UTF8
        : null;

    /// <summary>Leaves out what no line can hold.</summary>
    public static string Join(IEnumerable<string> values) => string.Join(Separator, values.Where(value => value.Length > 0 && !value.Any(char.IsControl)));

    public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount) * _line.Length;

    public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(Lines(chars, index, count));

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        UTF8.GetBytes(Lines(chars, charIndex, charCount), bytes.AsSpan(byteIndex));

    public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);

    public override int GetCharCount(byte[] bytes, int index, int count) => throw new NotSupportedException();

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => throw new NotSupportedException();

    private string Lines(char[] chars, int index, int count) => new string(chars, index, count).Replace(Separator.ToString(), _line, StringComparison.Ordinal);
}
