using System.Globalization;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Patching;

/// <summary>RFC 6902 with the API server's leniency: <c>replace</c> of a missing map key adds it.</summary>
internal static class JsonPatch
{
    private const int MaxOperations = 10_000;

    // Copies may multiply what the request holds; this is upstream's limit for all of them together, in characters of JSON.
    private const int MaxCopied = 3 * 1024 * 1024;

    /// <summary>Applies <paramref name="patch"/> to a copy of <paramref name="document"/>; all operations or none.</summary>
    /// <exception cref="PatchException">The patch is not a list of operations, a test failed, or a path is not there.</exception>
    public static JsonNode? Apply(JsonNode document, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
        {
            throw new PatchException(true, "error decoding patch: a JSON patch must be a list of operations");
        }

        if (operations.Count > MaxOperations)
        {
            throw new PatchException(false, $"the JSON patch has {operations.Count} operations, at most {MaxOperations} are allowed");
        }

        JsonNode? root = document.DeepClone();
        var copied = 0;
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i] is not JsonObject operation)
            {
                throw new PatchException(true, $"error decoding patch: operation {i} is not an object");
            }

            root = Run(root, operation, ref copied);
        }

        return root;
    }

    private static JsonNode? Run(JsonNode? root, JsonObject operation, ref int copied)
    {
        var path = Pointer(operation, "path");
        var kind = Text(operation, "op");
        switch (kind)
        {
            case "add":
                return Add(root, path, Value(operation));
            case "replace":
                return Replace(root, path, Value(operation));
            case "remove":
                Remove(root, path);
                return root;
            case "test":
                Test(root, path, operation["value"]);
                return root;
            case "copy":
                var copy = Find(root, Pointer(operation, "from"))?.DeepClone();
                copied += copy?.ToJsonString().Length ?? 4;
                return copied > MaxCopied ? throw Unfit(path, $"copies add up to more than {MaxCopied} bytes") : Add(root, path, copy);
            case "move":
                var from = Pointer(operation, "from");
                if (path.Length > from.Length && path.AsSpan(0, from.Length).SequenceEqual(from))
                {
                    throw Unfit(path, "a value cannot move into itself");
                }

                var moved = Find(root, from)?.DeepClone();
                Remove(root, from);
                return Add(root, path, moved);
            default:
                throw new PatchException(false, $"unknown operation \"{kind}\"");
        }
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.ContainsKey("value")
            ? operation["value"]?.DeepClone()
            : throw new PatchException(false, "an add or replace operation has no value");

    private static void Test(JsonNode? root, string[] path, JsonNode? expected)
    {
        JsonNode? actual;
        try
        {
            actual = Find(root, path);
        }
        catch (PatchException) when (expected is null)
        {
            return;
        }

        if (!JsonNode.DeepEquals(actual, expected))
        {
            throw Unfit(path, "testing value failed");
        }
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        CheckDepth(path, value);
        if (path.Length == 0)
        {
            return value;
        }

        var last = path[^1];
        switch (Parent(root, path))
        {
            case JsonObject parent:
                parent[last] = value;
                break;
            case JsonArray parent:
                parent.Insert(last == "-" ? parent.Count : Index(path, last, parent.Count), value);
                break;
            default:
                throw Unfit(path, "its parent is no object or list");
        }

        return root;
    }

    private static JsonNode? Replace(JsonNode? root, string[] path, JsonNode? value)
    {
        CheckDepth(path, value);
        if (path.Length == 0)
        {
            return value;
        }

        switch (Parent(root, path))
        {
            case JsonObject parent:
                parent[path[^1]] = value;
                break;
            case JsonArray parent:
                parent[Index(path, path[^1], parent.Count - 1)] = value;
                break;
            default:
                throw Unfit(path, "its parent is no object or list");
        }

        return root;
    }

    private static void Remove(JsonNode? root, string[] path)
    {
        if (path.Length == 0)
        {
            throw Unfit(path, "the whole document cannot be removed");
        }

        switch (Parent(root, path))
        {
            case JsonObject parent when parent.Remove(path[^1]):
                break;
            case JsonArray parent:
                parent.RemoveAt(Index(path, path[^1], parent.Count - 1));
                break;
            default:
                throw Unfit(path, "it is not there");
        }
    }

    // Operations can nest deeper than any one request: the limit of requests holds for the result too.
    private static void CheckDepth(string[] path, JsonNode? value)
    {
        if (path.Length + ObjectJson.Depth(value) > ObjectJson.MaxDepth)
        {
            throw Unfit(path[..Math.Min(path.Length, 5)], $"the result is nested deeper than {ObjectJson.MaxDepth} levels");
        }
    }

    private static JsonNode? Parent(JsonNode? root, string[] path) => Find(root, path[..^1]);

    private static JsonNode? Find(JsonNode? root, string[] path)
    {
        var node = root;
        foreach (var step in path)
        {
            node = node switch
            {
                JsonObject parent when parent.TryGetPropertyValue(step, out var child) => child,
                JsonArray parent => parent[Index(path, step, parent.Count - 1)],
                _ => throw Unfit(path, "it is not there"),
            };
        }

        return node;
    }

    private static int Index(string[] path, string text, int last)
    {
        // No signs, no leading zeros: RFC 6901.
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && (text.Length == 1 || text[0] != '0') && index <= last)
        {
            return index;
        }

        throw Unfit(path, $"\"{text}\" is no index of the list");
    }

    private static string[] Pointer(JsonObject operation, string name)
    {
        var text = Text(operation, name);
        if (text.Length == 0)
        {
            return [];
        }

        if (text[0] != '/')
        {
            throw new PatchException(false, $"\"{name}\" must begin with a slash: {text}");
        }

        var steps = text[1..].Split('/');
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = steps[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        return steps;
    }

    private static string Text(JsonObject operation, string name) =>
        operation[name] is JsonValue value && value.TryGetValue(out string? text)
            ? text
            : throw new PatchException(false, $"an operation needs the text \"{name}\"");

    private static PatchException Unfit(string[] path, string reason) => new(false, $"/{string.Join('/', path)}: {reason}");
}
