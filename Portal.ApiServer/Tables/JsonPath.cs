using System.Globalization;

namespace Portal.ApiServer.Tables;

/// <summary>
/// The subset of JSONPath that CRDs use: <c>.spec.a</c>, <c>['a']</c>, <c>[0]</c>, <c>[-1]</c>, <c>[*]</c>, <c>[?(@.type=="Ready")]</c> (also <c>!=</c>),
/// <c>\.</c> for a dot in a name, optional <c>$</c> and braces around it all.
/// </summary>
internal sealed class JsonPath
{
    private readonly List<Step> _steps;

    private JsonPath(List<Step> steps) => _steps = steps;

    /// <summary>Reads a path.</summary>
    /// <exception cref="FormatException">It is not in the subset; the message shows it.</exception>
    public static JsonPath Parse(string text)
    {
        var body = text.Trim();
        if (body.StartsWith('{') && body.EndsWith('}'))
        {
            body = body[1..^1];
        }

        var at = body.StartsWith('$') ? 1 : 0;
        var steps = new List<Step>();
        while (at < body.Length)
        {
            steps.Add(body[at] switch
            {
                '.' => Name(body, ref at),
                '[' => Bracket(body, ref at),
                _ when at == 0 => Name("." + body, ref at, -1),
                _ => throw Wrong(text),
            });
        }

        return new JsonPath(steps);
    }

    /// <summary>Every value the path leads to; a JSON null is a value.</summary>
    public IReadOnlyList<JsonNode?> Find(JsonNode? root)
    {
        List<JsonNode?> found = [root];
        foreach (var step in _steps)
        {
            found = [.. found.SelectMany(step.Next)];
            if (found.Count == 0)
            {
                break;
            }
        }

        return found;
    }

    private static NameStep Name(string text, ref int at, int shift = 0)
    {
        var name = new System.Text.StringBuilder();
        var i = at + 1;
        for (; i < text.Length && text[i] is not ('.' or '['); i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                i++;
            }

            name.Append(text[i]);
        }

        at = i + shift;
        return name.Length == 0 ? throw Wrong(text) : new NameStep(name.ToString());
    }

    private static Step Bracket(string text, ref int at)
    {
        var end = text.IndexOf(']', at);
        var filter = text.AsSpan(at).StartsWith("[?(", StringComparison.Ordinal);
        if (filter)
        {
            end = text.IndexOf(")]", at, StringComparison.Ordinal);
            end = end < 0 ? end : end + 1;
        }

        if (end < 0)
        {
            throw Wrong(text);
        }

        var inner = text[(at + 1)..end].Trim();
        at = end + 1;
        if (filter)
        {
            return Filter(inner, text);
        }

        if (inner == "*")
        {
            return new NameStep("*");
        }

        if (inner.Length >= 2 && inner[0] is '\'' or '"' && inner[^1] == inner[0])
        {
            return new NameStep(inner[1..^1]);
        }

        return int.TryParse(inner, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            ? new IndexStep(index)
            : throw Wrong(text);
    }

    private static FilterStep Filter(string inner, string text)
    {
        var condition = inner[2..^1].Trim();
        var equal = condition.IndexOf("==", StringComparison.Ordinal);
        var at = equal >= 0 ? equal : condition.IndexOf("!=", StringComparison.Ordinal);
        if (!condition.StartsWith('@'))
        {
            throw Wrong(text);
        }

        if (at < 0)
        {
            return new FilterStep(Parse(condition[1..].Trim()), null, true);
        }

        var value = condition[(at + 2)..].Trim();
        if (value.Length >= 2 && value[0] is '\'' or '"' && value[^1] == value[0])
        {
            value = value[1..^1];
        }

        return new FilterStep(Parse(condition[1..at].Trim()), value, equal >= 0);
    }

    private static FormatException Wrong(string text) => new($"\"{text}\" is no JSONPath this server reads.");

    private abstract record Step
    {
        public abstract IEnumerable<JsonNode?> Next(JsonNode? node);
    }

    private sealed record NameStep(string Name) : Step
    {
        public override IEnumerable<JsonNode?> Next(JsonNode? node) => (Name, node) switch
        {
            ("*", JsonObject all) => all.Select(field => field.Value),
            ("*", JsonArray list) => list,
            (_, JsonObject fields) when fields.TryGetPropertyValue(Name, out var value) => [value],
            _ => [],
        };
    }

    private sealed record IndexStep(int Index) : Step
    {
        public override IEnumerable<JsonNode?> Next(JsonNode? node)
        {
            if (node is not JsonArray list)
            {
                return [];
            }

            var at = Index < 0 ? list.Count + Index : Index;
            return at >= 0 && at < list.Count ? [list[at]] : [];
        }
    }

    private sealed record FilterStep(JsonPath Path, string? Value, bool Equal) : Step
    {
        public override IEnumerable<JsonNode?> Next(JsonNode? node) =>
            node is JsonArray list ? list.Where(item => Holds(Path.Find(item))) : [];

        private bool Holds(IReadOnlyList<JsonNode?> found) =>
            Value is null ? found.Count > 0 : found.Count > 0 && (found[0]?.ToString() == Value) == Equal;
    }
}
