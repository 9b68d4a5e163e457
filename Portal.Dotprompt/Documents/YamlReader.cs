using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portal.Dotprompt.Documents;

/// <summary>
/// Reads frontmatter from the parser's events, so that every node keeps its place. One document, no merge keys, no duplicate keys;
/// depth and size (aliases expanded) are bounded.
/// </summary>
internal sealed class YamlReader(string text, int offset, LineMap lines)
{
    public const int MaxDepth = 40;
    public const int MaxNodes = 20_000;

    private readonly Dictionary<string, YamlNode> _anchors = new(StringComparer.Ordinal);
    private readonly Parser _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    private ParsingEvent? _ahead;
    private int _nodes;

    /// <summary>What is wrong; empty when the text is good.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>The root node; null for empty text, or when there is a diagnostic.</summary>
    public YamlNode? Read()
    {
        try
        {
            var root = ReadDocument();
            return Diagnostics.Count == 0 ? root : null;
        }
        catch (YamlException exception)
        {
            Report("invalid-yaml", $"The frontmatter is not valid YAML: {Explain(exception)}", exception.Start, exception.End);
        }
        catch (ReadStoppedException)
        {
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IndexOutOfRangeException or FormatException)
        {
            // The scanner has been seen to trip over its own buffers on hostile text; for the author that is one more kind of bad YAML.
            Report("invalid-yaml", "The frontmatter is not valid YAML.", Mark.Empty, new Mark(text.Length, 1, 1));
        }

        return null;
    }

    private YamlNode? ReadDocument()
    {
        Expect<StreamStart>();
        if (Accept<StreamEnd>() is not null)
        {
            return null;
        }

        var start = Expect<DocumentStart>();
        if (start.Version is not null || !start.IsImplicit)
        {
            throw Stop("invalid-yaml", "The frontmatter is not valid YAML: directives such as %YAML are not allowed here.", start.Start, start.End);
        }

        var root = ReadNode(0);
        var end = Expect<DocumentEnd>();
        if (!end.IsImplicit || Accept<StreamEnd>() is null)
        {
            throw Stop("invalid-yaml", "The frontmatter is not valid YAML: it must be a single document.", end.Start, end.End);
        }

        return root;
    }

    private YamlNode ReadNode(int depth)
    {
        var current = Take();
        if (++_nodes > MaxNodes)
        {
            throw Stop("too-large", $"The frontmatter has more than {MaxNodes} values.", current.Start, current.End);
        }

        if (depth > MaxDepth)
        {
            throw Stop("too-deep", $"The frontmatter is nested more than {MaxDepth} levels deep.", current.Start, current.End);
        }

        switch (current)
        {
            case AnchorAlias alias:
                return Resolve(alias, depth);
            case Scalar scalar:
                return Keep(scalar, ReadScalar(scalar));
            case SequenceStart sequence:
                return Keep(sequence, ReadSequence(sequence, depth));
            case MappingStart mapping:
                return Keep(mapping, ReadMapping(mapping, depth));
            default:
                throw Stop("invalid-yaml", "The frontmatter is not valid YAML: a value is missing here.", current.Start, current.End);
        }
    }

    private YamlScalar ReadScalar(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty ? null : scalar.Tag.Value;
        return new YamlScalar(At(scalar.Start), At(scalar.End), scalar.Value, YamlScalars.Resolve(scalar.Value, tag, scalar.Style == ScalarStyle.Plain));
    }

    private YamlSequence ReadSequence(SequenceStart start, int depth)
    {
        var items = new List<YamlNode>();
        SequenceEnd? end;
        while ((end = Accept<SequenceEnd>()) is null)
        {
            items.Add(ReadNode(depth + 1));
        }

        return new YamlSequence(At(start.Start), At(end.End), items);
    }

    private YamlMapping ReadMapping(MappingStart start, int depth)
    {
        var entries = new List<YamlEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        MappingEnd? end;
        while ((end = Accept<MappingEnd>()) is null)
        {
            var place = Peek();
            if (ReadNode(depth + 1) is not YamlScalar key)
            {
                throw Stop("invalid-yaml", "The frontmatter is not valid YAML: a key must be plain text, not a list or a map.", place.Start, place.End);
            }

            if (!seen.Add(key.Text))
            {
                Diagnostics.Add(new Diagnostic(
                    DiagnosticSeverity.Error, "duplicate-key", $"The key '{key.Text}' is here twice; keep one of them.", lines.Range(key.Start, key.End)));
            }

            entries.Add(new YamlEntry(key, ReadNode(depth + 1)));
        }

        return new YamlMapping(At(start.Start), At(end.End), entries);
    }

    private T Keep<T>(NodeEvent start, T value) where T : YamlNode
    {
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = value;
        }

        return value;
    }

    private YamlNode Resolve(AnchorAlias alias, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var value))
        {
            throw Stop("invalid-yaml", $"The frontmatter is not valid YAML: nothing before this is named &{alias.Value.Value}.", alias.Start, alias.End);
        }

        _nodes += value.Size;
        if (_nodes > MaxNodes)
        {
            throw Stop("too-large", $"The frontmatter has more than {MaxNodes} values once its aliases are expanded.", alias.Start, alias.End);
        }

        return depth + value.Height <= MaxDepth
            ? value
            : throw Stop("too-deep", $"The frontmatter is nested more than {MaxDepth} levels deep.", alias.Start, alias.End);
    }

    private ParsingEvent Peek()
    {
        if (_ahead is null)
        {
            _ahead = _parser.MoveNext() ? _parser.Current : null;
        }

        return _ahead ?? throw Stop("invalid-yaml", "The frontmatter is not valid YAML: it ends too early.", new Mark(text.Length, 1, 1), Mark.Empty);
    }

    private ParsingEvent Take()
    {
        var current = Peek();
        _ahead = null;
        return current;
    }

    private T? Accept<T>() where T : ParsingEvent => Peek() is T ? (T)Take() : null;

    private T Expect<T>() where T : ParsingEvent
    {
        var current = Take();
        return current as T ?? throw Stop("invalid-yaml", "The frontmatter is not valid YAML: it must be a single document.", current.Start, current.End);
    }

    private int At(Mark mark) => offset + Math.Clamp((int)mark.Index, 0, text.Length);

    private ReadStoppedException Stop(string code, string message, Mark start, Mark end)
    {
        Report(code, message, start, end);
        return new ReadStoppedException();
    }

    /// <summary>Marks at most the rest of the line, and at least one character: the parser's ends may lie far away or be empty.</summary>
    private void Report(string code, string message, Mark start, Mark end)
    {
        var (from, to) = (Math.Clamp((int)start.Index, 0, text.Length), Math.Clamp((int)end.Index, 0, text.Length));
        var line = text.AsSpan(from).IndexOfAny('\r', '\n');
        var lineEnd = line < 0 ? text.Length : from + line;
        to = Math.Clamp(to, Math.Min(from + 1, lineEnd), lineEnd);
        Diagnostics.Add(new Diagnostic(DiagnosticSeverity.Error, code, message, lines.Range(offset + from, offset + to)));
    }

    private static string Explain(YamlException exception)
    {
        var text = exception.InnerException is YamlException inner ? inner.Message : exception.Message;
        return text.Contains("cannot start any token", StringComparison.Ordinal)
            ? "a value cannot start with this character; put the value in quotes (tabs cannot indent: use spaces)."
            : text.TrimEnd('.') + ".";
    }

    /// <summary>Unwinds to <see cref="Read"/>; what is wrong has been reported.</summary>
    private sealed class ReadStoppedException : Exception;
}
