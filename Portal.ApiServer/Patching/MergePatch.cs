namespace Portal.ApiServer.Patching;

/// <summary>RFC 7386: objects merge, null removes, everything else replaces.</summary>
internal static class MergePatch
{
    /// <summary>Applies <paramref name="patch"/> to a copy of <paramref name="document"/>.</summary>
    /// <exception cref="PatchException">The patch is not an object.</exception>
    public static JsonObject Apply(JsonObject document, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            throw new PatchException(true, "error decoding patch: a merge patch must be a JSON object");
        }

        var result = (JsonObject)document.DeepClone();
        Merge(result, changes);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(key);
                    break;
                case JsonObject changes:
                    if (target[key] is not JsonObject child)
                    {
                        target[key] = child = [];
                    }

                    Merge(child, changes);
                    break;
                default:
                    target[key] = value.DeepClone();
                    break;
            }
        }
    }
}
