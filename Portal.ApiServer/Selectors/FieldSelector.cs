using System.Text;
using Portal.Kubernetes.Selectors;

namespace Portal.ApiServer.Selectors;

/// <summary>A field selector (<c>metadata.name=x,type!=Normal</c>): every term must hold. Absent fields count as empty.</summary>
internal sealed class FieldSelector
{
    private readonly IReadOnlyList<Term> _terms;

    private FieldSelector(IReadOnlyList<Term> terms) => _terms = terms;

    public static FieldSelector Everything { get; } = new([]);

    public bool IsEmpty => _terms.Count == 0;

    /// <summary>The name asked for by <c>metadata.name=…</c>, or null: lets a list become a get.</summary>
    public string? Name => _terms.FirstOrDefault(term => term is { Field: "metadata.name", Equal: true })?.Value;

    /// <summary>Parses the text form; null and empty select everything.</summary>
    /// <param name="supported">Fields this resource offers besides <c>metadata.name</c> and <c>metadata.namespace</c>; see <see cref="SelectableFields"/>.</param>
    /// <exception cref="SelectorException">It does not parse, or names another field.</exception>
    public static FieldSelector Parse(string? text, IReadOnlyCollection<string> supported, bool namespaced)
    {
        var terms = new List<Term>();
        foreach (var part in Split(text ?? ""))
        {
            var term = ParseTerm(part, text!);
            if (term.Field != "metadata.name" && (term.Field != "metadata.namespace" || !namespaced) && !supported.Contains(term.Field))
            {
                throw new SelectorException($"field label not supported: {term.Field}");
            }

            terms.Add(term);
        }

        return terms.Count == 0 ? Everything : new FieldSelector(terms);
    }

    public bool Matches(JsonObject target)
    {
        foreach (var term in _terms)
        {
            if ((Value(target, term.Path) == term.Value) != term.Equal)
            {
                return false;
            }
        }

        return true;
    }

    private static string Value(JsonObject target, string[] path)
    {
        JsonNode? node = target;
        foreach (var step in path)
        {
            node = (node as JsonObject)?[step];
        }

        return node switch
        {
            null => "",

            // An Event's source is selected by its component.
            JsonObject source => source["component"]?.ToString() ?? "",
            _ => node.GetValueKind() switch
            {
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => node.ToString(),
            },
        };
    }

    private static Term ParseTerm(string part, string whole)
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] == '\\')
            {
                i++;
            }
            else if (part[i] == '!' && i + 1 < part.Length && part[i + 1] == '=')
            {
                return new Term(part[..i], Unescape(part[(i + 2)..]), false);
            }
            else if (part[i] == '=')
            {
                var value = i + 1 < part.Length && part[i + 1] == '=' ? i + 2 : i + 1;
                return new Term(part[..i], Unescape(part[value..]), true);
            }
        }

        throw new SelectorException($"invalid selector: '{whole}'; can't understand '{part}'");
    }

    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == ',')
            {
                if (i > start)
                {
                    parts.Add(text[start..i]);
                }

                start = i + 1;
            }
            else if (text[i] == '\\')
            {
                i++;
            }
        }

        return parts;
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                if (++i == text.Length || text[i] is not ('\\' or ',' or '='))
                {
                    throw new SelectorException($"invalid field selector: invalid escape sequence in value: {text}");
                }
            }

            result.Append(text[i]);
        }

        return result.ToString();
    }

    private sealed record Term(string Field, string Value, bool Equal)
    {
        public string[] Path { get; } = Field.Split('.');
    }
}
