using System.Text;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Templates;

namespace Portal.Dotprompt.Formatting;

/// <summary>
/// Writes a document in one style: no blanks at line ends of the frontmatter, one line end after it and at the end of the file, and no needless blanks inside tags.
/// Text between tags is never touched, so the document renders as before. Formatting twice changes nothing.
/// </summary>
public static class DotpromptFormatter
{
    /// <returns>The formatted source; the source itself when it has an error, because what its author meant is not known then.</returns>
    public static string Format(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var document = DotpromptDocument.Parse(source);
        if (document.Diagnostics.Any(found => found.Severity == DiagnosticSeverity.Error) || document.Compiled.Errors.Count > 0)
        {
            return source;
        }

        var parts = document.Parts;
        var result = new StringBuilder(source.Length);
        if (!parts.HasFrontmatter)
        {
            result.Append(source, 0, parts.BodyStart);
            AppendTemplate(result, document.Template);
            return result.ToString();
        }

        var newLine = source.AsSpan(parts.OpenStart, parts.YamlStart - parts.OpenStart) switch
        {
            var line when line.EndsWith("\r\n") => "\r\n",
            var line when line.EndsWith("\r") => "\r",
            _ => "\n",
        };
        result.Append(source, 0, parts.OpenStart).Append("---").Append(newLine);
        AppendYaml(result, document);
        result.Append("---").Append(newLine);
        if (document.Template.Length > 0)
        {
            AppendTemplate(result, document.Template);
            result.Append(newLine);
        }

        return result.ToString();
    }

    /// <summary>Takes away blanks at line ends, but for lines of a scalar that has several: there they may count.</summary>
    private static void AppendYaml(StringBuilder result, DotpromptDocument document)
    {
        var (source, parts) = (document.Source, document.Parts);
        var kept = new List<(int Start, int End)>();
        CollectScalars(document.Frontmatter, source, kept);
        for (var line = parts.YamlStart; line < parts.YamlEnd;)
        {
            var length = source.AsSpan(line, parts.YamlEnd - line).IndexOfAny('\r', '\n');
            var end = length < 0 ? parts.YamlEnd : line + length;
            var next = end + (source.AsSpan(end).StartsWith("\r\n") ? 2 : end < parts.YamlEnd ? 1 : 0);
            var trimmed = end;
            while (trimmed > line && source[trimmed - 1] is ' ' or '\t')
            {
                trimmed--;
            }

            var isKept = kept.Exists(scalar => scalar.Start < next && scalar.End > line);
            result.Append(source, line, (isKept ? end : trimmed) - line).Append(source, end, next - end);
            line = next;
        }
    }

    private static void CollectScalars(YamlNode? node, string source, List<(int Start, int End)> found)
    {
        switch (node)
        {
            case YamlMapping mapping:
                foreach (var entry in mapping.Entries)
                {
                    CollectScalars(entry.Key, source, found);
                    CollectScalars(entry.Value, source, found);
                }

                break;
            case YamlSequence sequence:
                foreach (var item in sequence.Items)
                {
                    CollectScalars(item, source, found);
                }

                break;
            case YamlScalar scalar when source.AsSpan(scalar.Start, Math.Max(0, scalar.End - scalar.Start)).IndexOfAny('\r', '\n') >= 0:
                found.Add((scalar.Start, scalar.End));
                break;
        }
    }

    private static void AppendTemplate(StringBuilder result, string template)
    {
        var position = 0;
        foreach (var tag in new TemplateScanner(template, []).Scan())
        {
            if (tag.Kind is TagKind.Content or TagKind.Comment or TagKind.RawBlock)
            {
                continue;
            }

            result.Append(template, position, tag.Start - position);
            AppendTag(result, template, tag);
            position = tag.End;
        }

        result.Append(template, position, template.Length - position);
    }

    /// <summary>The tag with one blank between its words, none at its ends or around <c>=</c>; line breaks between words stay.</summary>
    private static void AppendTag(StringBuilder result, string template, Tag tag)
    {
        var start = tag.Start + 2;
        while (start < tag.End && template[start] is '~' or '#' or '/' or '^' or '>' or '&' or '{' or '*')
        {
            start++;
        }

        result.Append(template, tag.Start, start - tag.Start);
        var lexer = new TagLexer(template) { Position = start };
        var (previous, end) = (TokenKind.End, start);
        for (var token = lexer.Next(); token.End <= tag.End && token.Kind != TokenKind.End; token = lexer.Next())
        {
            var isClosing = token.Kind is TokenKind.Close or TokenKind.CloseTriple;
            var gap = template.AsSpan(end, token.Start - end);
            if (previous != TokenKind.End && !isClosing && token.Kind != TokenKind.Assign && previous != TokenKind.Assign && gap.Length > 0)
            {
                result.Append(gap.IndexOf('\n') < 0 ? " " : gap.TrimStart(" \t"));
            }

            result.Append(template, token.Start, token.End - token.Start);
            (previous, end) = (token.Kind, token.End);
            if (isClosing)
            {
                return;
            }
        }

        result.Append(template, end, tag.End - end);
    }
}
