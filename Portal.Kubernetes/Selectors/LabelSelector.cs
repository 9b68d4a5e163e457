using System.Globalization;

namespace Portal.Kubernetes.Selectors;

/// <summary>A label selector: every requirement must hold. Equality (<c>a=b</c>, <c>a!=b</c>), sets (<c>a in (x,y)</c>), <c>a</c>, <c>!a</c>, <c>a&gt;1</c>.</summary>
public sealed class LabelSelector
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    internal enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
    }

    public static LabelSelector Everything { get; } = new([]);

    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Parses the text form; null and empty select everything.</summary>
    /// <exception cref="SelectorException">It does not parse.</exception>
    public static LabelSelector Parse(string? text) =>
        string.IsNullOrWhiteSpace(text) ? Everything : new LabelSelector(new LabelSelectorParser(text).Parse());

    /// <summary>Reads the object form, <c>{matchLabels, matchExpressions}</c>; null selects everything.</summary>
    /// <exception cref="SelectorException">An operator or value is wrong.</exception>
    public static LabelSelector FromJson(JsonObject? selector)
    {
        var requirements = new List<Requirement>();
        foreach (var (key, value) in selector?["matchLabels"] as JsonObject ?? [])
        {
            requirements.Add(new Requirement(key, Operator.In, [value?.ToString() ?? ""]));
        }

        foreach (var expression in (selector?["matchExpressions"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            var values = (expression["values"] as JsonArray)?.Select(value => value?.ToString() ?? "").ToHashSet(StringComparer.Ordinal) ?? [];
            var (kind, wantsValues) = expression["operator"]?.ToString() switch
            {
                "In" => (Operator.In, true),
                "NotIn" => (Operator.NotIn, true),
                "Exists" => (Operator.Exists, false),
                "DoesNotExist" => (Operator.DoesNotExist, false),
                var other => throw new SelectorException($"\"{other}\" is not a valid label selector operator"),
            };
            if (wantsValues != values.Count > 0)
            {
                throw new SelectorException($"values: {(wantsValues ? "must be specified" : "may not be specified")} when operator is {kind}");
            }

            requirements.Add(new Requirement(expression["key"]?.ToString() ?? "", kind, values));
        }

        return requirements.Count == 0 ? Everything : new LabelSelector(requirements);
    }

    /// <summary>Whether the labels in <c>metadata.labels</c> of <paramref name="target"/> match.</summary>
    public bool Matches(JsonObject target)
    {
        if (_requirements.Count == 0)
        {
            return true;
        }

        var labels = (target["metadata"] as JsonObject)?["labels"] as JsonObject;
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    internal sealed record Requirement(string Key, Operator Operator, HashSet<string> Values)
    {
        public bool Matches(JsonObject? labels)
        {
            var value = labels?[Key]?.ToString();
            return Operator switch
            {
                Operator.In => value is not null && Values.Contains(value),
                Operator.NotIn => value is null || !Values.Contains(value),
                Operator.Exists => value is not null,
                Operator.DoesNotExist => value is null,
                _ => Compares(value),
            };
        }

        private bool Compares(string? value)
        {
            if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var actual))
            {
                return false;
            }

            var bound = long.Parse(Values.First(), CultureInfo.InvariantCulture);
            return Operator == Operator.GreaterThan ? actual > bound : actual < bound;
        }
    }
}
