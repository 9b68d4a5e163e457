using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Portal.Runner.Telemetry;

/// <summary>One instrument under its Prometheus name, with a series for each combination of tags.</summary>
internal sealed class MetricFamily
{
    private static readonly double[] s_seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
    private static readonly double[] s_counts = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576];
    private static readonly KeyValuePair<string, object?>[] s_overflow = [new("otel_metric_overflow", "true")];

    // By the hash of their tags; those whose hashes are equal are linked.
    private readonly ConcurrentDictionary<int, MetricSeries> _series = new();
    private readonly Lock _lock = new();
    private readonly string _help;
    private readonly string _type;
    private readonly bool _isSum;
    private readonly double[] _bounds = [];
    private MetricSeries? _overflow;
    private int _count;

    public MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        var isCounter = kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal);
        var isHistogram = kind.StartsWith("Histogram", StringComparison.Ordinal);
        _isSum = kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("UpDownCounter", StringComparison.Ordinal);
        _type = isCounter ? "counter" : isHistogram ? "histogram" : "gauge";
        _help = (instrument.Description ?? instrument.Name).Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
        if (isHistogram)
        {
            _bounds = BoundsOf(instrument);
        }

        IsObserved = instrument.IsObservable;
        Name = LabelName(instrument.Name) + instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" } + (isCounter ? "_total" : "");
    }

    public string Name { get; }

    /// <summary>Whether all its values are asked for at each reading.</summary>
    public bool IsObserved { get; }

    /// <summary>Forgets all values: what a reading does not tell is gone.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _series.Clear();
            (_overflow, _count) = (null, 0);
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = SeriesOf(tags);
        lock (series)
        {
            series.Count++;
            series.Value = _isSum || _bounds.Length > 0 ? series.Value + value : value;
            if (_bounds.Length > 0)
            {
                var index = Array.BinarySearch(_bounds, value);
                series.Buckets[index < 0 ? ~index : index]++;
            }
        }
    }

    public void WriteTo(StringBuilder text)
    {
        var all = _series.Values.SelectMany(static first => first.Chain()).ToList();
        if (_overflow is not null)
        {
            all.Add(_overflow);
        }

        if (all.Count == 0)
        {
            return;
        }

        text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append("\n# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        foreach (var series in all.OrderBy(static series => series.Labels, StringComparer.Ordinal))
        {
            lock (series)
            {
                WriteSeries(text, series);
            }
        }
    }

    private void WriteSeries(StringBuilder text, MetricSeries series)
    {
        if (_bounds.Length == 0)
        {
            Line("", series.Labels, series.Value);
            return;
        }

        var sum = 0L;
        for (var index = 0; index <= _bounds.Length; index++)
        {
            sum += series.Buckets[index];
            var bound = index < _bounds.Length ? _bounds[index].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Line("_bucket", $"{series.Labels}{(series.Labels.Length > 0 ? "," : "")}le=\"{bound}\"", sum);
        }

        Line("_sum", series.Labels, series.Value);
        Line("_count", series.Labels, series.Count);

        void Line(string suffix, string labels, double value) => text.Append(Name).Append(suffix)
            .Append(labels.Length > 0 ? $"{{{labels}}}" : "").Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private MetricSeries SeriesOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = new HashCode();
        foreach (var (key, value) in tags)
        {
            hash.Add(key);
            hash.Add(value);
        }

        var code = hash.ToHashCode();
        return Find(code, tags) ?? Add(code, tags);
    }

    private MetricSeries? Find(int code, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _series.TryGetValue(code, out var series);
        while (series is not null && !series.Has(tags))
        {
            series = series.Next;
        }

        return series;
    }

    private MetricSeries Add(int code, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            if (Find(code, tags) is { } known)
            {
                return known;
            }

            if (_count == PrometheusMetrics.MaxSeries)
            {
                return _overflow ??= new MetricSeries(s_overflow, _bounds.Length + 1, null);
            }

            _count++;
            return _series[code] = new MetricSeries(tags, _bounds.Length + 1, _series.GetValueOrDefault(code));
        }
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
        { Unit: "s" } => s_seconds,
        _ => s_counts,
    };

    internal static string LabelName(string name) => string.Concat(name.Select(static character => char.IsAsciiLetterOrDigit(character) ? character : '_'));
}
