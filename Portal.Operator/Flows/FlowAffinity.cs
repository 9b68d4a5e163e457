namespace Portal.Operator.Flows;

/// <summary>The terms of a rendered podAffinity or podAntiAffinity, required and preferred ones alike.</summary>
internal static class FlowAffinity
{
    public static IEnumerable<JsonNode?> TermsOf(JsonNode? affinity) =>
        (affinity?["requiredDuringSchedulingIgnoredDuringExecution"] as JsonArray ?? []).Concat(
            (affinity?["preferredDuringSchedulingIgnoredDuringExecution"] as JsonArray ?? []).Select(preferred => preferred?["podAffinityTerm"]));
}
