using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Handlers;

/// <summary>One page of a list, consistent at one revision.</summary>
internal sealed record ListPage(long Revision, IReadOnlyList<StoredObject> Items, string? Continue, long? Remaining)
{
    private static readonly TimeSpan s_futureWait = TimeSpan.FromSeconds(3);

    public static async Task<ListPage> ReadAsync(ApiCall call, ServerContext server)
    {
        var target = call.Target;
        var selection = Selection.Parse(target, call.Query("labelSelector"), call.Query("fieldSelector"));
        var limit = call.Number("limit") ?? 0;
        if (limit < 0)
        {
            throw ApiException.BadRequest("limit must not be negative");
        }

        var version = call.Query("resourceVersion") ?? "";
        var token = call.Query("continue") ?? "";
        CheckMatch(call.Query("resourceVersionMatch") ?? "", version, token);
        string? after = null;
        ResourceSnapshot snapshot;
        try
        {
            if (token.Length > 0)
            {
                (var revision, after) = Decode(token);
                snapshot = server.Log.SnapshotAt(target.Resource.StorageKey, target.Namespace, revision);
            }
            else
            {
                snapshot = await SnapshotAsync(call, server, version);
            }
        }
        catch (HistoryExpiredException)
        {
            throw ApiException.Expired(
                token.Length > 0
                    ? "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter."
                    : "The resourceVersion for the provided list is too old.");
        }

        var objects = snapshot.Objects.Where(selection.Includes);
        if (after is not null)
        {
            objects = objects.SkipWhile(stored => string.CompareOrdinal(stored.Key.Path, after) <= 0);
        }

        return Cut(snapshot.Revision, objects, limit, selection.IsEverything);
    }

    private static ListPage Cut(long revision, IEnumerable<StoredObject> objects, long limit, bool countRemaining)
    {
        if (limit == 0)
        {
            return new ListPage(revision, [.. objects], null, null);
        }

        var items = new List<StoredObject>();
        var remaining = 0L;
        foreach (var stored in objects)
        {
            if (items.Count < limit)
            {
                items.Add(stored);
                continue;
            }

            remaining++;
            if (!countRemaining)
            {
                break;
            }
        }

        return remaining == 0
            ? new ListPage(revision, items, null, null)
            : new ListPage(revision, items, Encode(revision, items[^1].Key.Path), countRemaining ? remaining : null);
    }

    private static async Task<ResourceSnapshot> SnapshotAsync(ApiCall call, ServerContext server, string version)
    {
        var target = call.Target;
        if (version is "" or "0")
        {
            return server.Log.Snapshot(target.Resource.StorageKey, target.Namespace);
        }

        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw ApiException.BadRequest(
                $"invalid resource version: resourceVersion: Invalid value: \"{version}\": strconv.ParseUint: parsing \"{version}\": invalid syntax");
        }

        if (revision > server.Log.Revision)
        {
            await Task.Delay(s_futureWait, server.TimeProvider, call.Aborted);
            if (revision > server.Log.Revision)
            {
                throw ApiException.ResourceVersionTooLarge(revision, server.Log.Revision);
            }
        }

        if (call.Query("resourceVersionMatch") == "Exact" || (call.Number("limit") is > 0 && string.IsNullOrEmpty(call.Query("resourceVersionMatch"))))
        {
            return server.Log.SnapshotAt(target.Resource.StorageKey, target.Namespace, revision);
        }

        // What is here may be older than what the caller saw, and no waiting will change that.
        return server.Log.WasSkipped(revision)
            ? throw ApiException.ResourceVersionTooLarge(revision, server.Log.Revision)
            : server.Log.Snapshot(target.Resource.StorageKey, target.Namespace);
    }

    private static void CheckMatch(string match, string version, string token)
    {
        string? problem = null;
        if (token.Length > 0 && version is not ("" or "0"))
        {
            throw ApiException.BadRequest("specifying resource version is not allowed when using continue");
        }

        if (match.Length > 0)
        {
            problem = match is not ("Exact" or "NotOlderThan") ? $"resourceVersionMatch: Unsupported value: \"{match}\": supported values: \"Exact\", \"NotOlderThan\""
                : version.Length == 0 ? "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
                : token.Length > 0 ? "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided"
                : match == "Exact" && version == "0" ? "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""
                : null;
        }

        if (problem is not null)
        {
            var parts = problem.Split(": ", 2);
            var reason = parts[1].StartsWith("Unsupported", StringComparison.Ordinal) ? "FieldValueNotSupported" : "FieldValueForbidden";
            throw ApiException.Invalid("meta.k8s.io", "ListOptions", "", [new Schemas.FieldError(reason, parts[0], parts[1])]);
        }
    }

    private static string Encode(long revision, string key) => Base64Url.EncodeToString(
        JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = key }));

    private static (long Revision, string After) Decode(string token)
    {
        try
        {
            var json = JsonNode.Parse(Base64Url.DecodeFromChars(token)) as JsonObject;
            if (json?["rv"] is JsonValue rv && rv.TryGetValue(out long revision) && revision > 0 && json["start"] is JsonValue start && start.TryGetValue(out string? key))
            {
                return (revision, key);
            }
        }
        catch (Exception problem) when (problem is FormatException or JsonException or DecoderFallbackException)
        {
            // Whatever is wrong with it, it is not a token of ours.
        }

        throw ApiException.BadRequest("invalid continue token: continue key is not valid");
    }
}
