using System.Diagnostics.Metrics;

namespace Portal.Operator.Admission;

/// <summary>What admission measures, under one meter.</summary>
public static class AdmissionMetrics
{
    public const string MeterName = "Portal.Operator.Admission";

    private static readonly Meter s_meter = new(MeterName);

    /// <summary>Tags: <c>kind</c> (of ours, or <c>other</c>), <c>result</c> (<c>allowed</c>, <c>warned</c>, <c>refused</c>).</summary>
    internal static Counter<long> Reviews { get; } =
        s_meter.CreateCounter<long>("genkit.admission.reviews", "{review}", "Writes that were judged, by kind and result.");

    internal static void Count(string kind, AdmissionVerdict verdict) => Reviews.Add(
        1,
        new KeyValuePair<string, object?>("kind", kind),
        new KeyValuePair<string, object?>("result", !verdict.IsAllowed ? "refused" : verdict.Warnings.Count > 0 ? "warned" : "allowed"));
}
