using System.Globalization;
using System.Text;

namespace Portal.Features.Costs.Queries;

/// <summary>Writes a <see cref="CostView"/> as the query of an address and reads it back.</summary>
public static class CostAddress
{
    internal const string Minutes = "yyyy-MM-ddTHH:mm";
    internal const string Days = "yyyy-MM-dd";

    /// <summary>The address of the page; also what other pages link to.</summary>
    public static string PageOf(CostView view) => ToQuery(view) is { Length: > 0 } query ? $"/costs?{query}" : "/costs";

    /// <summary>The address of the single calls behind a view.</summary>
    /// <param name="only"><c>unpriced</c>, <c>errors</c>, or null for all.</param>
    public static string CallsOf(CostView view, string? only)
    {
        var calls = view with { Group = CostDimension.Flow, Metric = CostMetric.Cost, Sort = CostSort.Cost, Ascending = false, AsTable = false, Bucket = null };
        return $"/costs/calls?{ToQuery(calls)}{(only is null ? "" : $"&only={only}")}".Replace("?&", "?", StringComparison.Ordinal).TrimEnd('?');
    }

    public static string ToQuery(CostView view)
    {
        var query = new StringBuilder();
        var standard = new CostView();
        Add("range", view.Range == standard.Range ? null : WordOf(view.Range));
        Add("from", view.Range == CostRange.Custom ? Text(view.From) : null);
        Add("to", view.Range == CostRange.Custom ? Text(view.To) : null);
        Add("tz", view.Zone);
        Add("group", view.Group == standard.Group ? null : view.Group.Word());
        foreach (var (dimension, value) in view.Filters.Items)
        {
            Add(dimension.Word(), value.Length == 0 ? CostDimensions.None : value);
        }

        Add("show", view.Metric == standard.Metric ? null : Word(view.Metric));
        Add("sort", (view.Sort, view.Ascending) == (standard.Sort, standard.Ascending) ? null : (view.Ascending ? "" : "-") + Word(view.Sort));
        Add("view", view.AsTable ? "table" : null);
        Add("currency", view.Currency);
        Add("bucket", view.Bucket is { } bucket ? Word(bucket) : null);
        return query.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Append(query.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }

    /// <summary>Reads a query. Fields with mistakes keep their defaults, and each mistake is a sentence that names its field.</summary>
    public static (CostView View, IReadOnlyList<string> Errors) Parse(string? query)
    {
        var fields = new CostFields(query);
        var (from, to) = (fields.Time("from"), fields.Time("to"));
        var range = fields.Range(from, to);
        var isCustom = range == CostRange.Custom;
        var (sort, ascending) = fields.Sort();
        var view = new CostView
        {
            Range = range,
            From = isCustom ? from : null,
            To = isCustom ? to : null,
            Zone = fields.Zone(),
            Group = fields.Group(),
            Filters = fields.Filters(),
            Metric = fields.Choice<CostMetric>("show") ?? CostMetric.Cost,
            Sort = sort,
            Ascending = ascending,
            AsTable = fields.AsTable(),
            Currency = fields.Currency(),
            Bucket = fields.Choice<CostBucket>("bucket"),
        };
        return (view, fields.Errors);
    }

    public static string WordOf(CostRange range) => CostFields.Ranges[(int)range];

    /// <summary>As a field of the address has it.</summary>
    internal static string? Text(DateTime? time) => time?.ToString(time.Value.TimeOfDay == TimeSpan.Zero ? Days : Minutes, CultureInfo.InvariantCulture);

    internal static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
