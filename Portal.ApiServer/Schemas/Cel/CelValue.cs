using System.Globalization;
using System.Text;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>A list; items of JSON lists are converted when they are asked for.</summary>
internal sealed class CelList(int count, Func<int, object?> item, bool unordered = false)
{
    public int Count => count;
    public object? this[int index] => item(index);

    /// <summary>Whether it equals another list whatever the order of the items.</summary>
    public bool Unordered => unordered;

    public static CelList Of(IReadOnlyList<object?> items) => new(items.Count, index => items[index]);
}

/// <summary>A map, or an object whose fields a schema names. Values of JSON objects are converted when they are asked for.</summary>
internal sealed class CelMap
{
    private readonly JsonObject? _json;
    private readonly CelType _type;
    private readonly Dictionary<object, object?>? _entries;

    public CelMap(JsonObject json, CelType type) => (_json, _type) = (json, type);

    public CelMap(Dictionary<object, object?> entries) => (_entries, _type) = (entries, CelType.AnyMap);

    public bool IsObject => _type.Kind == CelKind.Object;
    public int Count => _json?.Count ?? _entries!.Count;
    public IEnumerable<object> Keys => _json is null ? _entries!.Keys : _json.Select(pair => (object)pair.Key);

    public bool TryGet(object? key, out object? value)
    {
        value = null;
        if (_entries is not null)
        {
            return key is not null && _entries.TryGetValue(Normal(key), out value);
        }

        if (key is not string name || !_json!.TryGetPropertyValue(name, out var node))
        {
            return false;
        }

        value = CelValue.From(node, _type.Element ?? CelType.Dyn);
        return true;
    }

    /// <summary>The value of <c>map.field</c>.</summary>
    public bool TryGetField(string field, bool quoted, out object? value)
    {
        if (!IsObject)
        {
            return TryGet(field, out value);
        }

        value = null;
        if (_type.Field(field, quoted) is not { } known || !_json!.TryGetPropertyValue(known.Name, out var node))
        {
            return false;
        }

        value = CelValue.From(node, known.Type);
        return true;
    }

    public bool SameAs(CelMap other, CelBudget budget)
    {
        if (IsObject && other.IsObject)
        {
            budget.Spend(Count);
            return JsonNode.DeepEquals(_json, other._json);
        }

        return Count == other.Count
            && Keys.All(key => other.TryGet(key, out var theirs) && TryGet(key, out var ours) && CelValue.Same(ours, theirs, budget));
    }

    /// <summary>Numbers that are equal are the same key.</summary>
    public static object Normal(object key) => key switch
    {
        ulong number and <= long.MaxValue => (long)number,
        double real when Math.Floor(real) == real && Math.Abs(real) < 9e18 => (long)real,
        _ => key,
    };
}

/// <summary>An optional value; <see cref="None"/> has none.</summary>
internal sealed record CelOptional(bool HasValue, object? Value)
{
    public static readonly CelOptional None = new(false, null);
}

/// <summary>
/// Values while an expression is evaluated: null, bool, long, ulong, double, string, byte[], TimeSpan (duration), DateTimeOffset (timestamp),
/// <see cref="CelList"/>, <see cref="CelMap"/>, <see cref="CelOptional"/>, and <see cref="CelType"/>.
/// </summary>
internal static class CelValue
{
    /// <summary>A JSON value as its schema says it is to be seen.</summary>
    /// <exception cref="CelEvaluationException">It is not of that type.</exception>
    public static object? From(JsonNode? node, CelType type) => node switch
    {
        null => null,
        JsonObject map => new CelMap(map, type.Kind is CelKind.Object or CelKind.Map ? type : CelType.AnyMap),
        JsonArray list => new CelList(list.Count, index => From(list[index], type.Element ?? CelType.Dyn), type.Unordered),
        _ when node.GetValueKind() == JsonValueKind.String => Text(node.GetValue<string>(), type.Kind),
        _ when node.GetValueKind() is JsonValueKind.True or JsonValueKind.False => node.GetValueKind() == JsonValueKind.True,
        _ when type.Kind != CelKind.Double && JsonNumbers.TryInteger(node, out var integer) => integer,
        _ => JsonNumbers.TryDouble(node, out var number) ? number : throw new CelEvaluationException("invalid number"),
    };

    public static CelType TypeOf(object? value) => value switch
    {
        null => CelType.Null,
        bool => CelType.Bool,
        long => CelType.Int,
        ulong => CelType.Uint,
        double => CelType.Real,
        string => CelType.Text,
        byte[] => CelType.Bytes,
        TimeSpan => CelType.Duration,
        DateTimeOffset => CelType.Timestamp,
        CelList => CelType.AnyList,
        CelOptional => CelType.AnyOptional,
        CelType => CelType.Type,
        _ => CelType.AnyMap,
    };

    public static bool Same(object? left, object? right, CelBudget budget)
    {
        budget.Spend(1);
        switch (left, right)
        {
            case (string a, string b):
                budget.SpendText(Math.Min(a.Length, b.Length));
                return string.Equals(a, b, StringComparison.Ordinal);
            case (byte[] a, byte[] b):
                budget.SpendText(Math.Min(a.Length, b.Length));
                return a.AsSpan().SequenceEqual(b);
            case (CelList a, CelList b):
                return SameLists(a, b, budget);
            case (CelMap a, CelMap b):
                return a.SameAs(b, budget);
            case (CelOptional a, CelOptional b):
                return a.HasValue == b.HasValue && Same(a.Value, b.Value, budget);
            case (CelType a, CelType b):
                return a.Kind == b.Kind;
            case (long or ulong or double, long or ulong or double):
                return Compare(left, right) == 0;
            default:
                return Equals(left, right);
        }
    }

    /// <summary>Order of two values of one ordered type, or of two numbers; null when there is none (NaN included).</summary>
    public static int? Compare(object? left, object? right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (ulong a, ulong b) => a.CompareTo(b),
        (long a, ulong b) => a < 0 ? -1 : ((ulong)a).CompareTo(b),
        (ulong a, long b) => b < 0 ? 1 : a.CompareTo((ulong)b),
        (double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b),
        (double a, long b) => double.IsNaN(a) ? null : a.CompareTo(b),
        (double a, ulong b) => double.IsNaN(a) ? null : a.CompareTo(b),
        (long or ulong, double) => -Compare(right, left),
        (string a, string b) => Math.Sign(string.CompareOrdinal(a, b)),
        (bool a, bool b) => a.CompareTo(b),
        (byte[] a, byte[] b) => Math.Sign(a.AsSpan().SequenceCompareTo(b)),
        (TimeSpan a, TimeSpan b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        _ => null,
    };

    /// <summary>Text of a scalar, as <c>string()</c> gives it; null when the value has none.</summary>
    public static string? Show(object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        long or ulong => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        TimeSpan duration => string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / (decimal)TimeSpan.TicksPerSecond:0.#######}s"),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => null,
    };

    private static bool SameLists(CelList left, CelList right, CelBudget budget)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        if (left.Unordered && right.Unordered)
        {
            return Enumerable.Range(0, left.Count).All(i => Enumerable.Range(0, right.Count).Any(j => Same(left[i], right[j], budget)));
        }

        return Enumerable.Range(0, left.Count).All(i => Same(left[i], right[i], budget));
    }

    private static object Text(string text, CelKind kind)
    {
        switch (kind)
        {
            case CelKind.Duration:
                return CelTime.ParseDuration(text);
            case CelKind.Timestamp:
                return CelTime.ParseTimestamp(text);
            case CelKind.Bytes:
                var bytes = new byte[text.Length];
                return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : throw new CelEvaluationException("invalid base64");
            default:
                return text;
        }
    }
}
