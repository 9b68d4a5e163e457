using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Templates;

/// <summary>An object made while rendering, such as a context with a partial's named arguments over it.</summary>
internal sealed class TemplateObject : OrderedDictionary<string, object?>;

/// <summary>
/// Values of a template as ECMAScript sees them: <see cref="Undefined"/>, null, bool, double, string, <see cref="JsonArray"/>,
/// <see cref="JsonObject"/> or <see cref="TemplateObject"/>.
/// </summary>
internal static class JsValue
{
    public static readonly object Undefined = new();

    private static readonly object s_true = true;
    private static readonly object s_false = false;
    private static readonly object[] s_numbers = [.. Enumerable.Range(0, 256).Select(number => (object)(double)number)];

    public static object Box(bool value) => value ? s_true : s_false;

    public static object Box(int value) => value < s_numbers.Length ? s_numbers[value] : (double)value;

    public static object? From(JsonNode? node)
    {
        if (node is not JsonValue value)
        {
            return node;
        }

        return value.GetValueKind() switch
        {
            JsonValueKind.String => value.TryGetValue<string>(out var text) ? text : value.ToString(),
            JsonValueKind.True => s_true,
            JsonValueKind.False => s_false,
            JsonValueKind.Number => ToDouble(value),
            _ => null,
        };
    }

    private static double ToDouble(JsonValue value) =>
        value.TryGetValue<double>(out var number) ? number
        : value.TryGetValue<long>(out var integer) ? integer
        : value.TryGetValue<int>(out var small) ? small
        : double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    /// <summary>An own member; <see cref="Undefined"/> when there is none. Members of prototypes do not exist here.</summary>
    public static object? Get(object? owner, string name)
    {
        switch (owner)
        {
            case JsonObject json:
                return json.TryGetPropertyValue(name, out var node) ? From(node) : Undefined;
            case TemplateObject made:
                return made.TryGetValue(name, out var value) ? value : Undefined;
            case JsonArray array:
                return name == "length" ? (double)array.Count
                    : Index(name) is { } i && i < array.Count ? From(array[i])
                    : Undefined;
            case string text:
                return name == "length" ? (double)text.Length
                    : Index(name) is { } at && at < text.Length ? text[at].ToString()
                    : Undefined;
            default:
                return Undefined;
        }
    }

    /// <summary>Members in order; items of a list and characters of a text go by their position.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> OwnMembers(object? value) => value switch
    {
        JsonObject json => json.Select(member => KeyValuePair.Create(member.Key, From(member.Value))),
        TemplateObject made => made,
        JsonArray array => array.Select((item, index) => KeyValuePair.Create(index.ToString(CultureInfo.InvariantCulture), From(item))),
        string text => text.Select((c, index) => KeyValuePair.Create(index.ToString(CultureInfo.InvariantCulture), (object?)c.ToString())),
        _ => [],
    };

    public static bool IsNullish(object? value) => value is null || ReferenceEquals(value, Undefined);

    public static bool IsTruthy(object? value) => value switch
    {
        null => false,
        bool truth => truth,
        double number => number != 0 && !double.IsNaN(number),
        string text => text.Length > 0,
        _ => !ReferenceEquals(value, Undefined),
    };

    /// <summary>What <c>if</c> takes for absent: falsy but zero, and empty lists.</summary>
    public static bool IsEmpty(object? value) => value is JsonArray { Count: 0 } || (value is not 0d && !IsTruthy(value));

    public static bool StrictEquals(object? left, object? right) => (left, right) switch
    {
        (double a, double b) => a == b,
        (string a, string b) => a == b,
        (bool a, bool b) => a == b,
        _ => ReferenceEquals(left, right),
    };

    /// <summary>ECMAScript's <c>==</c>, by which the reference compares contexts; but a list with items never equals the text that it makes.</summary>
    public static bool IsSameContext(object? left, object? right)
    {
        left = left is JsonArray { Count: 0 } && right is (double or string or bool) ? "" : left;
        right = right is JsonArray { Count: 0 } && left is (double or string or bool) ? "" : right;
        if (left is (double or string or bool) && right is (double or string or bool) && left.GetType() != right.GetType())
        {
            return ToNumber(left) == ToNumber(right);
        }

        return StrictEquals(left, right) || (IsNullish(left) && IsNullish(right));
    }

    private static double ToNumber(object value) => value switch
    {
        double number => number,
        bool truth => truth ? 1 : 0,
        string text when JsText.IsBlank(text) => 0,
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN,
        _ => double.NaN,
    };

    public static string ToText(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "true" : "false",
        double number => JsText.FromNumber(number),
        JsonArray array => Join(array),
        _ => ReferenceEquals(value, Undefined) ? "" : "[object Object]",
    };

    private static string Join(JsonArray array)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var result = new StringBuilder();
        for (var i = 0; i < array.Count; i++)
        {
            result.Append(i == 0 ? "" : ",").Append(ToText(From(array[i])));
        }

        return result.ToString();
    }

    private static int? Index(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && (name.Length == 1 || name[0] != '0') ? index : null;
}
