using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Templates;

/// <summary>A place in rendered text where something other than text stands.</summary>
internal abstract record Marker
{
    public sealed record Role(string Name) : Marker;

    public sealed record History : Marker;

    public sealed record Media(string Url, string? ContentType) : Marker;

    public sealed record Section(string Name) : Marker;

    /// <summary>The marker as the reference writes it into the text.</summary>
    public string InBand => this switch
    {
        Role role => $"<<<dotprompt:role:{role.Name}>>>",
        Media { ContentType: { Length: > 0 } type } media => $"<<<dotprompt:media:url {media.Url} {type}>>>",
        Media media => $"<<<dotprompt:media:url {media.Url}>>>",
        Section section => $"<<<dotprompt:section {section.Name}>>>",
        _ => "<<<dotprompt:history>>>",
    };
}

/// <summary>
/// What a template writes. Markers are kept beside the text, not in it, so no inserted value can pass for one; only compatibility writes them in.
/// </summary>
internal sealed class RenderOutput(bool inBand) : IDisposable
{
    public const int MaxLength = 8 * 1024 * 1024;

    private readonly TextBuffer _text = new();
    private readonly List<(int Position, Marker Marker)> _markers = [];

    /// <summary>Where the next text or marker goes.</summary>
    public (int Length, int Markers) Position => (_text.Length, _markers.Count);

    public string Text => _text.ToString();

    public void Write(ReadOnlySpan<char> text)
    {
        if (_text.Length + text.Length > MaxLength)
        {
            throw TooLarge();
        }

        _text.Append(text);
    }

    /// <summary>A value as text.</summary>
    public void WriteValue(object? value)
    {
        if (value is double number)
        {
            _text.Append(number);
        }
        else
        {
            Write(JsValue.ToText(value));
        }
    }

    public void WriteJson(object? value, object? indent)
    {
        JsJsonWriter.Write(_text, value, indent);
        if (_text.Length > MaxLength)
        {
            throw TooLarge();
        }
    }

    public void Write(Marker marker)
    {
        if (inBand)
        {
            Write(marker.InBand);
        }
        else
        {
            _markers.Add((_text.Length, marker));
        }
    }

    /// <summary>Puts white space before every line written since <paramref name="from"/>; an empty last line stays empty.</summary>
    public void Indent((int Length, int Markers) from, string indent)
    {
        var (start, first) = from;
        var written = _text.Span[start..].ToString();
        var markers = _markers.GetRange(first, _markers.Count - first);
        _markers.RemoveRange(first, markers.Count);
        _text.Truncate(start);
        var next = 0;
        var position = 0;
        while (position <= written.Length)
        {
            var end = written.IndexOf('\n', position) is >= 0 and var at ? at + 1 : written.Length;
            var isLast = end == written.Length && (end == position || written[end - 1] != '\n');
            if (end > position || IsHere(next))
            {
                Write(indent);
            }

            var shift = _text.Length - position;
            for (; IsHere(next); next++)
            {
                _markers.Add((markers[next].Position - start + shift, markers[next].Marker));
            }

            Write(written.AsSpan(position, end - position));
            if (isLast)
            {
                break;
            }

            position = end;

            bool IsHere(int index) => index < markers.Count && (isLast || markers[index].Position - start < end);
        }
    }

    /// <summary>Texts and markers in order; texts that are only white space are left out, as the specification says.</summary>
    public List<(string? Text, Marker? Marker)> Segments()
    {
        var result = new List<(string?, Marker?)>(_markers.Count * 2 + 1);
        var position = 0;
        foreach (var (at, marker) in _markers)
        {
            AddText(position, at);
            position = at;
            result.Add((null, marker));
        }

        AddText(position, _text.Length);
        return result;

        void AddText(int start, int end)
        {
            var text = _text.Span[start..end];
            if (!JsText.IsBlank(text))
            {
                result.Add((text.ToString(), null));
            }
        }
    }

    public void Dispose() => _text.Dispose();

    public static TemplateRenderException TooLarge() => new($"The rendered prompt is larger than {MaxLength} characters.");
}

/// <summary>Rendering failed; offsets are those of the template, or of the partial that is named.</summary>
internal sealed class TemplateRenderException(string message) : Exception(message)
{
    public int Start { get; init; } = -1;
    public int End { get; init; }
    public string? Partial { get; init; }
}
