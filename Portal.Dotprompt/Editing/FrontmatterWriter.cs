using Portal.Dotprompt.Documents;

namespace Portal.Dotprompt.Editing;

/// <summary>Finds the smallest edit that changes one value of the frontmatter; null where it cannot be done without touching others.</summary>
internal sealed class FrontmatterWriter(DotpromptDocument document)
{
    private const string Step = "  ";

    /// <summary>The order in which new keys are put in.</summary>
    private static readonly string[] s_order = ["name", "variant", "version", "description", "model", "config", "tools", "input", "output"];

    private readonly FrontmatterSpans _spans = new(document.Source);

    /// <summary>The value at a path; null when there is none.</summary>
    public static YamlEntry? Find(YamlNode? root, IReadOnlyList<string> path)
    {
        YamlEntry? found = null;
        foreach (var key in path)
        {
            found = (found is null ? root : found.Value) is YamlMapping mapping ? mapping.Find(key) : null;
            if (found is null)
            {
                return null;
            }
        }

        return found;
    }

    public TextEdit? Set(IReadOnlyList<string> path, JsonNode? value) => Find(document.Frontmatter, path) is { } entry
        ? Replace(entry, value, IsInFlow(path))
        : Insert(path, value);

    public TextEdit? Rename(YamlEntry entry, string key, bool inFlow) => IsWritten(entry.Key)
        ? new TextEdit(entry.Key.Start, _spans.EndOf(entry.Key), YamlText.Like(document.Source[entry.Key.Start..], key, inFlow))
        : null;

    /// <summary>Takes an entry out, and the one around it when nothing else is left in that.</summary>
    public (TextEdit? Edit, IReadOnlyList<string> Removed) Remove(IReadOnlyList<string> path)
    {
        if (path.Count > 1 && Find(document.Frontmatter, [.. path.SkipLast(1)]) is { Value: YamlMapping { Entries.Count: 1 } around } outer && !HasComment(outer.Key.End, around.Start))
        {
            return Remove([.. path.SkipLast(1)]);
        }

        var parent = path.Count == 1 ? document.Frontmatter : Find(document.Frontmatter, [.. path.SkipLast(1)])?.Value;
        return parent is YamlMapping mapping && mapping.Find(path[^1]) is { } entry
            ? (_spans.IsFlow(mapping) ? Cut(mapping.Entries.Select(item => (item.Key.Start, _spans.EndOf(item))).ToList(), mapping.Entries.ToList().IndexOf(entry)) : CutLines(entry.Key.Start, _spans.EndOf(entry)), path)
            : (null, path);
    }

    public TextEdit? AddItem(IReadOnlyList<string> path, JsonNode item)
    {
        if (Find(document.Frontmatter, path) is not { Value: YamlSequence { Items: [.., var last] } list } entry || !_spans.IsPlainlyThere(entry))
        {
            return Set(path, new JsonArray(item.DeepClone()));
        }

        if (_spans.IsFlow(list))
        {
            return At(_spans.EndOf(last), $", {YamlText.Inline(item, inFlow: true)}");
        }

        return At(_spans.LineEnd(_spans.EndOf(last)), $"{_spans.NewLine}{_spans.ColumnOf(list.Start)}- {YamlText.Inline(item, inFlow: false)}");
    }

    public (TextEdit? Edit, IReadOnlyList<string>? Removed) RemoveItem(IReadOnlyList<string> path, int index)
    {
        if (Find(document.Frontmatter, path) is not { Value: YamlSequence list } entry || !_spans.IsPlainlyThere(entry) || index < 0 || index >= list.Items.Count)
        {
            return (null, null);
        }

        if (list.Items.Count == 1)
        {
            return Remove(path);
        }

        var item = list.Items[index];
        return _spans.IsFlow(list)
            ? (Cut([.. list.Items.Select(node => (node.Start, _spans.EndOf(node)))], index), null)
            : (CutLines(document.Source.LastIndexOf('-', Math.Max(0, item.Start - 1)), _spans.EndOf(item)), null);
    }

    public bool IsInFlow(IReadOnlyList<string> path) =>
        Enumerable.Range(0, path.Count).Any(count => (count == 0 ? document.Frontmatter : Find(document.Frontmatter, [.. path.Take(count)])?.Value) is { } node && _spans.IsFlow(node));

    private TextEdit? Replace(YamlEntry entry, JsonNode? value, bool inFlow)
    {
        if (!_spans.IsPlainlyThere(entry))
        {
            return null;
        }

        var (start, end) = (entry.Value.Start, _spans.EndOf(entry.Value));
        var written = document.Source[start..end];
        switch (entry.Value)
        {
            case YamlScalar when written.Length == 0:
                return At(start, $" {YamlText.Inline(value, inFlow)}");
            case YamlScalar when value is JsonValue scalar && scalar.TryGetValue<string>(out var text):
                var indent = (_spans.IndentOf(entry.Key.Start) ?? "") + Step;
                return new TextEdit(start, end, (written[0] is '|' or '>' ? YamlText.Block(text, BlockIndent(start) ?? indent, _spans.NewLine) : null)
                    ?? (inFlow ? null : YamlText.Block(text, indent, _spans.NewLine)) ?? YamlText.Like(written, text, inFlow));
            case YamlSequence list when !_spans.IsFlow(list) && value is JsonArray { Count: > 0 } items:
                return new TextEdit(start, end, string.Join(_spans.NewLine + _spans.ColumnOf(start), items.Select(item => $"- {YamlText.Inline(item, inFlow: false)}")));
            case YamlMapping or YamlSequence when !_spans.IsFlow(entry.Value):
                var colon = document.Source.IndexOf(':', entry.Key.End);
                return new TextEdit(colon + 1, end, $" {YamlText.Inline(value, inFlow)}");
            default:
                return new TextEdit(start, end, YamlText.Inline(value, inFlow));
        }
    }

    /// <summary>The indentation of the first line of a block of text.</summary>
    private string? BlockIndent(int start)
    {
        var line = document.Source.AsSpan(_spans.NextLine(start));
        var blanks = line.Length - line.TrimStart(' ').Length;
        return blanks > 0 ? new string(' ', blanks) : null;
    }

    private TextEdit? Insert(IReadOnlyList<string> path, JsonNode? value)
    {
        if (document.Frontmatter is not YamlMapping root)
        {
            var text = Lines(path, value, "") + _spans.NewLine;
            return document.Parts.HasFrontmatter ? At(document.Parts.YamlEnd, text) : At(document.Parts.BodyStart, $"---{_spans.NewLine}{text}---{_spans.NewLine}");
        }

        var known = 0;
        while (known < path.Count - 1 && Find(root, [.. path.Take(known + 1)]) is not null)
        {
            known++;
        }

        IReadOnlyList<string> rest = [.. path.Skip(known)];
        var around = known == 0 ? null : Find(root, [.. path.Take(known)]);
        return (around?.Value ?? root) switch
        {
            _ when around is not null && !_spans.IsPlainlyThere(around) => null,
            YamlMapping mapping when _spans.IsFlow(mapping) => InsertInFlow(mapping, rest, value),
            YamlMapping { Entries.Count: > 0 } mapping => InsertInBlock(mapping, rest, value, isRoot: around is null),
            YamlScalar { Value: null } empty when _spans.EndOf(empty) == empty.Start && !IsInFlow([.. path.Take(known)]) =>
                At(_spans.LineEnd(empty.Start), _spans.NewLine + Lines(rest, value, _spans.ColumnOf(around!.Key.Start) + Step)),
            YamlScalar { Value: null } empty => new TextEdit(empty.Start, _spans.EndOf(empty), $" {YamlText.Inline(Nested(rest, value), inFlow: true)}"),
            _ => null,
        };
    }

    private TextEdit InsertInBlock(YamlMapping mapping, IReadOnlyList<string> path, JsonNode? value, bool isRoot)
    {
        var indent = _spans.ColumnOf(mapping.Entries[0].Key.Start);
        var rank = Array.IndexOf(s_order, path[0]);
        var before = isRoot && rank >= 0 ? mapping.Entries.LastOrDefault(entry => Array.IndexOf(s_order, entry.Key.Text) is >= 0 and var other && other < rank) : mapping.Entries[^1];
        return before is not null
            ? At(_spans.LineEnd(_spans.EndOf(before)), _spans.NewLine + Lines(path, value, indent))
            : At(document.Parts.YamlStart, Lines(path, value, indent) + _spans.NewLine);
    }

    private TextEdit InsertInFlow(YamlMapping mapping, IReadOnlyList<string> path, JsonNode? value)
    {
        var text = $"{YamlText.Scalar(path[0], inFlow: true)}: {YamlText.Inline(Nested([.. path.Skip(1)], value), inFlow: true)}";
        return mapping.Entries is [.., var last] ? At(_spans.EndOf(last), ", " + text) : At(mapping.Start + 1, text);
    }

    /// <summary>A new key with what is below it, in block style.</summary>
    private string Lines(IReadOnlyList<string> path, JsonNode? value, string indent)
    {
        var key = $"{indent}{YamlText.Scalar(path[0], inFlow: false)}:";
        if (path.Count > 1)
        {
            return key + _spans.NewLine + Lines([.. path.Skip(1)], value, indent + Step);
        }

        if (value is JsonObject { Count: > 0 } map)
        {
            return key + string.Concat(map.Select(pair => _spans.NewLine + Lines([pair.Key], pair.Value, indent + Step)));
        }

        var block = value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? YamlText.Block(text, indent + Step, _spans.NewLine) : null;
        return $"{key} {block ?? YamlText.Inline(value, inFlow: false)}";
    }

    private static JsonNode? Nested(IReadOnlyList<string> path, JsonNode? value) =>
        path.Count == 0 ? value?.DeepClone() : new JsonObject { [path[0]] = Nested([.. path.Skip(1)], value) };

    /// <summary>Whole lines, when nothing else stands in them.</summary>
    private TextEdit? CutLines(int start, int end) => start >= 0 && _spans.IndentOf(start) is not null ? new TextEdit(_spans.LineStart(start), _spans.NextLine(end), "") : null;

    /// <summary>One of several, with the comma behind or before it.</summary>
    private static TextEdit? Cut(List<(int Start, int End)> places, int index) => (index, places.Count) switch
    {
        (_, 1) => new TextEdit(places[0].Start, places[0].End, ""),
        (0, _) => new TextEdit(places[0].Start, places[1].Start, ""),
        _ => new TextEdit(places[index - 1].End, places[index].End, ""),
    };

    private bool HasComment(int start, int end) => end > start && document.Source.AsSpan(start, end - start).Contains('#');

    private bool IsWritten(YamlScalar key) => key.End > key.Start && document.Source[key.Start] is not ('&' or '*' or '!' or '?');

    private static TextEdit At(int offset, string text) => new(offset, offset, text);
}
