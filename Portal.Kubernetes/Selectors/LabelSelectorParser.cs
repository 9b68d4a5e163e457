using System.Globalization;
using static Portal.Kubernetes.Selectors.LabelSelector;

namespace Portal.Kubernetes.Selectors;

/// <summary>Parses the text form of label selectors, with upstream's wording of mistakes.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private int _at;

    public List<Requirement> Parse()
    {
        var requirements = new List<Requirement>();
        while (true)
        {
            requirements.Add(Requirement());
            Skip();
            if (_at == text.Length)
            {
                return requirements;
            }

            if (text[_at] != ',')
            {
                throw Unparseable($"found '{Word()}', expected: ',' or 'end of string'");
            }

            _at++;
            Skip();
            if (_at == text.Length)
            {
                throw Unparseable("found '', expected: identifier after ','");
            }
        }
    }

    private Requirement Requirement()
    {
        Skip();
        var absent = Take("!");
        var key = Word();
        if (key.Length == 0)
        {
            throw Unparseable($"found '{Rest()}', expected: !, identifier, or 'end of string'");
        }

        LabelNames.CheckKey(key);
        Skip();
        if (absent || _at == text.Length || text[_at] == ',')
        {
            return new Requirement(key, absent ? Operator.DoesNotExist : Operator.Exists, []);
        }

        if (Take("==") || Take("="))
        {
            return new Requirement(key, Operator.In, [Value(key)]);
        }

        if (Take("!="))
        {
            return new Requirement(key, Operator.NotIn, [Value(key)]);
        }

        if (Take(">"))
        {
            return new Requirement(key, Operator.GreaterThan, [Number(key)]);
        }

        if (Take("<"))
        {
            return new Requirement(key, Operator.LessThan, [Number(key)]);
        }

        var word = Word();
        return word switch
        {
            "in" => new Requirement(key, Operator.In, Values(key)),
            "notin" => new Requirement(key, Operator.NotIn, Values(key)),
            _ => throw Unparseable($"found '{(word.Length == 0 ? Rest() : word)}', expected: in, notin, =, ==, !=, gt, lt"),
        };
    }

    private string Value(string key)
    {
        Skip();
        var value = Word();
        if (value.Length == 0 && _at < text.Length && text[_at] != ',')
        {
            throw Unparseable($"found '{Rest()}', expected: identifier");
        }

        LabelNames.CheckValue(key, value);
        return value;
    }

    private string Number(string key)
    {
        var value = Value(key);
        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            ? value
            : throw new SelectorException($"values[0][{key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer");
    }

    private HashSet<string> Values(string key)
    {
        Skip();
        if (!Take("("))
        {
            throw Unparseable($"found '{Rest()}', expected: '('");
        }

        var values = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            Skip();
            var value = Word();
            LabelNames.CheckValue(key, value);
            values.Add(value);
            Skip();
            if (Take(")"))
            {
                return values;
            }

            if (!Take(","))
            {
                throw Unparseable($"found '{Rest()}', expected: ',', or ')'");
            }
        }
    }

    private bool Take(string token)
    {
        if (!text.AsSpan(_at).StartsWith(token, StringComparison.Ordinal))
        {
            return false;
        }

        _at += token.Length;
        return true;
    }

    private string Word()
    {
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && !"=!(),<>".Contains(text[_at], StringComparison.Ordinal))
        {
            _at++;
        }

        return text[start.._at];
    }

    private string Rest() => _at < text.Length ? text[_at..Math.Min(text.Length, _at + 40)] : "";

    private void Skip()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private static SelectorException Unparseable(string reason) => new($"unable to parse requirement: {reason}");
}
