namespace Portal.Runner.Engine;

/// <summary>JSON is read lazily: a key that comes twice, or a string with half of a surrogate pair, shows only when it is used.</summary>
public static class JsonReadability
{
    /// <summary>Whether every name and value of a parsed tree can be read, written and copied.</summary>
    public static bool IsReadable(this JsonNode? node)
    {
        try
        {
            Read(node);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void Read(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (_, member) in members)
                {
                    Read(member);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Read(item);
                }

                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                _ = value.GetValue<string>();
                break;
        }
    }
}
