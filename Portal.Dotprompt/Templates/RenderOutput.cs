using System.Text;

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
internal sealed class RenderOutput(bool inBand)
{
    public const int MaxLength = 8 * 1024 * 1024;

    private readonly StringBuilder _text = new();
    private readonly List<(int Position, Marker Marker)> _markers = [];

    public int Length => _text.Length;

    public string Text => _text.ToString();

    public void Write(string text)
    {
        if (_text.Length + text.Length > MaxLength)
        {
            throw new TemplateRenderException($"The rendered prompt is larger than {MaxLength} characters.");
        }

        _text.Append(text);
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

    /// <summary>Puts white space before every line written since <paramref name="start"/>; an empty last line stays empty.</summary>
    public void Indent(int start, string indent)
    {
        var written = _text.ToString(start, _text.Length - start);
        var first = _markers.Count;
        while (first > 0 && _markers[first - 1].Position >= start)
        {
            first--;
        }

        var markers = _markers.GetRange(first, _markers.Count - first);
        _markers.RemoveRange(first, markers.Count);
        _text.Length = start;
        var next = 0;
        var position = 0;
        while (position <= written.Length)
        {
            var end = written.IndexOf('\n', position) is >= 0 and var at ? at + 1 : written.Length;
            var hasMarker = next < markers.Count && markers[next].Position - start <= written.Length && markers[next].Position - start < Math.Max(end, position + 1);
            if (end > position || hasMarker)
            {
                Write(indent);
            }

            var shift = _text.Length - position;
            for (; next < markers.Count && (markers[next].Position - start < end || end == written.Length); next++)
            {
                _markers.Add((markers[next].Position - start + shift, markers[next].Marker));
            }

            Write(written[position..end]);
            if (end == written.Length && (end == position || written[end - 1] != '\n'))
            {
                break;
            }

            position = end;
        }
    }

    /// <summary>Texts and markers in order; texts that are only white space are left out, as the specification says.</summary>
    public IEnumerable<(string? Text, Marker? Marker)> Segments()
    {
        var text = _text.ToString();
        var position = 0;
        foreach (var (at, marker) in _markers)
        {
            if (!Portal.Dotprompt.Text.JsText.IsBlank(text.AsSpan(position, at - position)))
            {
                yield return (text[position..at], null);
            }

            position = at;
            yield return (null, marker);
        }

        if (!Portal.Dotprompt.Text.JsText.IsBlank(text.AsSpan(position)))
        {
            yield return (text[position..], null);
        }
    }
}

/// <summary>Rendering failed; offsets are those of the template, or of the partial that is named.</summary>
internal sealed class TemplateRenderException(string message) : Exception(message)
{
    public int Start { get; init; } = -1;
    public int End { get; init; }
    public string? Partial { get; init; }
}
