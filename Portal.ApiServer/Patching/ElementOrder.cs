namespace Portal.ApiServer.Patching;

/// <summary>Order of a list after a strategic merge.</summary>
internal static class ElementOrder
{
    /// <summary>
    /// Items the patch names come in the order of <paramref name="order"/> (of the patch when there is none); items only the server knew keep
    /// their places between them. An item only the patch knows goes before server items that are not anchored by it.
    /// </summary>
    public static List<JsonNode?> Sort(
        List<JsonNode?> merged, JsonArray server, JsonArray patch, JsonArray? order, Func<JsonNode?, string> key)
    {
        var position = Positions(order ?? patch, key);
        var serverPosition = Positions(server, key);
        var named = merged.Where(item => position.ContainsKey(key(item))).OrderBy(item => position[key(item)]).ToList();
        var others = merged.Where(item => !position.ContainsKey(key(item))).OrderBy(item => serverPosition.GetValueOrDefault(key(item))).ToList();
        var result = new List<JsonNode?>(merged.Count);
        var (left, right) = (0, 0);
        while (left < named.Count && right < others.Count)
        {
            // An item without a place on the server goes first; otherwise the server's order decides.
            var before = !serverPosition.TryGetValue(key(named[left]), out var place)
                || place < serverPosition.GetValueOrDefault(key(others[right]), int.MaxValue);
            result.Add(before ? named[left++] : others[right++]);
        }

        result.AddRange(named.Skip(left));
        result.AddRange(others.Skip(right));
        return result;
    }

    private static Dictionary<string, int> Positions(JsonArray list, Func<JsonNode?, string> key)
    {
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            positions.TryAdd(key(list[i]), i);
        }

        return positions;
    }
}
