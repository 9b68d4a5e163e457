using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Templates;

/// <summary>
/// <c>JSON.stringify</c>: keys in order, nothing escaped but quotes, backslashes, control characters and lone surrogates.
/// (https://tc39.es/ecma262/#sec-json.stringify)
/// </summary>
internal sealed class JsJsonWriter(string indent)
{
    private const int MaxIndent = 10;

    private readonly StringBuilder _result = new();

    /// <summary>The value as JSON; <paramref name="indent"/> is a number of spaces or the text to indent with, anything else means compact.</summary>
    public static string Write(object? value, object? indent)
    {
        var unit = indent switch
        {
            double number => new string(' ', (int)Math.Clamp(double.IsNaN(number) ? 0 : number, 0, MaxIndent)),
            string text => text.Length > MaxIndent ? text[..MaxIndent] : text,
            _ => "",
        };
        var writer = new JsJsonWriter(unit);
        writer.Value(value, "");
        return writer._result.ToString();
    }

    private void Value(object? value, string margin)
    {
        switch (value)
        {
            case null:
                _result.Append("null");
                break;
            case string text:
                Quote(text);
                break;
            case double number:
                _result.Append(double.IsFinite(number) ? JsText.FromNumber(number) : "null");
                break;
            case JsonArray array:
                RuntimeHelpers.EnsureSufficientExecutionStack();
                Enclose('[', ']', array, margin, item => Value(JsValue.From(item), margin + indent));
                break;
            case JsonObject or TemplateObject:
                RuntimeHelpers.EnsureSufficientExecutionStack();
                Enclose('{', '}', JsValue.Members(value).Where(member => !ReferenceEquals(member.Value, JsValue.Undefined)), margin, member =>
                {
                    Quote(member.Key);
                    _result.Append(indent.Length > 0 ? ": " : ":");
                    Value(member.Value, margin + indent);
                });
                break;
            default:
                _result.Append(value is bool truth ? truth ? "true" : "false" : "undefined");
                break;
        }
    }

    private void Enclose<T>(char open, char close, IEnumerable<T> items, string margin, Action<T> write)
    {
        _result.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            _result.Append(isFirst ? "" : ",");
            isFirst = false;
            NewLine(margin + indent);
            write(item);
        }

        if (!isFirst)
        {
            NewLine(margin);
        }

        _result.Append(close);
    }

    private void NewLine(string margin)
    {
        if (indent.Length > 0)
        {
            _result.Append('\n').Append(margin);
        }
    }

    private void Quote(string text)
    {
        _result.Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                _result.Append(c).Append(text[++i]);
                continue;
            }

            _ = c switch
            {
                '"' => _result.Append("\\\""),
                '\\' => _result.Append("\\\\"),
                '\b' => _result.Append("\\b"),
                '\f' => _result.Append("\\f"),
                '\n' => _result.Append("\\n"),
                '\r' => _result.Append("\\r"),
                '\t' => _result.Append("\\t"),
                < ' ' => Escape(c),
                _ when char.IsSurrogate(c) => Escape(c),
                _ => _result.Append(c),
            };
        }

        _result.Append('"');
    }

    private StringBuilder Escape(char c) => _result.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
}
