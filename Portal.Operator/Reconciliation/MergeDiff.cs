namespace Portal.Operator.Reconciliation;

/// <summary>Computes JSON merge patches (RFC 7386).</summary>
internal static class MergeDiff
{
    /// <summary>The patch that turns <paramref name="before"/> into <paramref name="after"/>; empty when nothing changes.
    /// Members of <paramref name="after"/> that are null count as absent: a merge patch cannot say otherwise.</summary>
    public static JsonObject Between(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var (name, value) in after)
        {
            switch (value, before[name])
            {
                case (null, _):
                    break;
                case (JsonObject next, JsonObject current):
                    if (Between(current, next) is { Count: > 0 } change)
                    {
                        patch[name] = change;
                    }

                    break;
                case (JsonObject next, _):
                    patch[name] = WithoutNulls(next);
                    break;
                case (_, var current) when !JsonNode.DeepEquals(value, current):
                    patch[name] = value.DeepClone();
                    break;
            }
        }

        foreach (var (name, _) in before)
        {
            if (after[name] is null)
            {
                patch[name] = null;
            }
        }

        return patch;
    }

    private static JsonObject WithoutNulls(JsonObject value) => new(
        from item in value
        where item.Value is not null
        select KeyValuePair.Create<string, JsonNode?>(item.Key, item.Value is JsonObject inner ? WithoutNulls(inner) : item.Value.DeepClone()));
}
