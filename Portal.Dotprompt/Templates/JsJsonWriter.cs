using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Templates;

/// <summary>
/// <c>JSON.stringify</c>: keys in order, nothing escaped but quotes, backslashes, control characters and lone surrogates.
/// (https://tc39.es/ecma262/#sec-json.stringify)
/// </summary>
internal sealed class JsJsonWriter(TextBuffer target, string indent)
{
    private const int MaxIndent = 10;
    private const int MaxDepth = 1000;

    /// <summary>What needs an escape in any text. Only ASCII, because a set with surrogates in it would be searched character by character.</summary>
    private static readonly SearchValues<char> s_escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c), '"', '\\']);

    private int _depth;
    private string _lineBreak = "\n";

    /// <summary>The value as JSON; <paramref name="indent"/> is a number of spaces or the text to indent with, anything else means compact.</summary>
    public static void Write(TextBuffer target, object? value, object? indent)
    {
        var unit = indent switch
        {
            double number => new string(' ', (int)Math.Clamp(double.IsNaN(number) ? 0 : number, 0, MaxIndent)),
            string text => text.Length > MaxIndent ? text[..MaxIndent] : text,
            _ => "",
        };
        new JsJsonWriter(target, unit).Value(value);
    }

    private void Value(object? value)
    {
        switch (value)
        {
            case null:
                target.Append("null");
                break;
            case string text:
                Quote(text);
                break;
            case double number when double.IsFinite(number):
                target.Append(number);
                break;
            case double:
                target.Append("null");
                break;
            case JsonArray array:
                WriteArray(array);
                break;
            case JsonObject json:
                WriteObject(json);
                break;
            case TemplateObject made:
                WriteMembers(made);
                break;
            default:
                target.Append(value is bool truth ? truth ? "true" : "false" : "undefined");
                break;
        }
    }

    /// <summary>The same without a value in between, for JSON that was read from text.</summary>
    private void Node(JsonNode? node)
    {
        if (node is not JsonValue value || !value.TryGetValue<JsonElement>(out var element))
        {
            Value(JsValue.From(node));
            return;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.String when JsonMarshal.GetRawUtf8Value(element) is var text && IsWrittenAlike(text):
                target.AppendUtf8(text);
                break;
            case JsonValueKind.String:
                Quote(element.GetString());
                break;
            case JsonValueKind.Number when JsonMarshal.GetRawUtf8Value(element) is { Length: <= 15 } digits && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'):
                target.AppendUtf8(digits);
                break;
            case JsonValueKind.Number:
                target.Append(element.GetDouble());
                break;
            default:
                target.Append(element.ValueKind == JsonValueKind.True ? "true" : element.ValueKind == JsonValueKind.False ? "false" : "null");
                break;
        }
    }

    private void WriteArray(JsonArray array)
    {
        Open('[');
        for (var i = 0; i < array.Count; i++)
        {
            Separate(i == 0);
            Node(array[i]);
        }

        Close(']', array.Count == 0);
    }

    private void WriteObject(JsonObject json)
    {
        Open('{');
        for (var i = 0; i < json.Count; i++)
        {
            var (key, value) = json.GetAt(i);
            Separate(i == 0);
            WriteKey(key);
            Node(value);
        }

        Close('}', json.Count == 0);
    }

    private void WriteMembers(TemplateObject made)
    {
        Open('{');
        var isFirst = true;
        foreach (var (key, value) in made)
        {
            if (!ReferenceEquals(value, JsValue.Undefined))
            {
                Separate(isFirst);
                isFirst = false;
                WriteKey(key);
                Value(value);
            }
        }

        Close('}', isFirst);
    }

    private void WriteKey(string key)
    {
        Quote(key);
        target.Append(indent.Length > 0 ? ": " : ":");
    }

    private void Open(char open)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > MaxDepth)
        {
            throw new TemplateRenderException($"The value that 'json' writes is nested too deeply: more than {MaxDepth} levels.");
        }

        target.Append(open);
    }

    private void Separate(bool isFirst)
    {
        if (!isFirst)
        {
            target.Append(',');
        }

        // Indents may make a small value large, so its size cannot wait until it is whole.
        if (target.Length > RenderOutput.MaxLength)
        {
            throw RenderOutput.TooLarge();
        }

        NewLine();
    }

    private void Close(char close, bool isEmpty)
    {
        _depth--;
        if (!isEmpty)
        {
            NewLine();
        }

        target.Append(close);
    }

    private void NewLine()
    {
        if (indent.Length == 0)
        {
            return;
        }

        var length = 1 + (_depth * indent.Length);
        while (_lineBreak.Length < length)
        {
            _lineBreak += indent;
        }

        target.Append(_lineBreak.AsSpan(0, length));
    }

    /// <summary>Whether JSON text of a string is what would be written for it: <c>\u</c> and <c>\/</c> are the escapes that have another form.</summary>
    private static bool IsWrittenAlike(ReadOnlySpan<byte> text) =>
        !text.Contains((byte)'\\') || (text.IndexOf("\\u"u8) < 0 && text.IndexOf("\\/"u8) < 0);

    private static int NextEscape(ReadOnlySpan<char> text)
    {
        var escaped = text.IndexOfAny(s_escaped);
        var surrogate = text[..(escaped < 0 ? text.Length : escaped)].IndexOfAnyInRange('\uD800', '\uDFFF');
        return surrogate < 0 ? escaped : surrogate;
    }

    private void Quote(ReadOnlySpan<char> text)
    {
        target.Append('"');
        while (NextEscape(text) is >= 0 and var at)
        {
            target.Append(text[..at]);
            var isPair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
            if (isPair)
            {
                target.Append(text.Slice(at, 2));
            }
            else
            {
                Escape(text[at]);
            }

            text = text[(at + (isPair ? 2 : 1))..];
        }

        target.Append(text);
        target.Append('"');
    }

    private void Escape(char c) => target.Append(c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
    });
}
