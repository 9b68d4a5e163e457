namespace Portal.Runner.Telemetry;

/// <summary>What was measured under one combination of tags. Lock it to read or change it.</summary>
internal sealed class MetricSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, int buckets, MetricSeries? next)
{
    private readonly KeyValuePair<string, object?>[] _tags = tags.ToArray();

    public MetricSeries? Next { get; } = next;
    public long[] Buckets { get; } = new long[buckets];
    public long Count { get; set; }

    /// <summary>The last value of a gauge, else the sum.</summary>
    public double Value { get; set; }

    public string Labels { get; } = string.Join(',', tags.ToArray().Where(static tag => tag.Value is not null)
        .Select(static tag => $"{MetricFamily.LabelName(tag.Key)}=\"{Escape(tag.Value!.ToString() ?? "")}\""));

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != _tags.Length)
        {
            return false;
        }

        for (var index = 0; index < tags.Length; index++)
        {
            if (tags[index].Key != _tags[index].Key || !Equals(tags[index].Value, _tags[index].Value))
            {
                return false;
            }
        }

        return true;
    }

    public IEnumerable<MetricSeries> Chain()
    {
        for (var series = this; series is not null; series = series.Next)
        {
            yield return series;
        }
    }

    private static string Escape(string value) =>
        value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
