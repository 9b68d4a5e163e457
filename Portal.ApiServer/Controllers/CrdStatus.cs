using Portal.ApiServer.Handlers;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Resources.Kinds;

namespace Portal.ApiServer.Controllers;

/// <summary>What the status of a CustomResourceDefinition says: whether its names are free and it is served.</summary>
internal static class CrdStatus
{
    /// <summary>Why the names cannot be served: a built-in kind or another CRD of the group has one of them already.</summary>
    public static NameConflict? FindConflict(JsonObject crd, ResourceTable table)
    {
        var name = Metadata.Text(crd, "name");
        var names = crd["spec"]!["names"]!.AsObject();
        var others = table.Resources
            .Where(resource => resource.CrdName != name && resource.Definition.Group == crd["spec"]!["group"]!.ToString())
            .ToList();
        var words = others.SelectMany(other => other.ShortNames.Append(other.Definition.Plural).Append(other.Singular)).ToHashSet(StringComparer.Ordinal);
        var kinds = others.SelectMany(other => new[] { other.Definition.Kind, other.ListKind }).ToHashSet(StringComparer.Ordinal);
        return (names["shortNames"] as JsonArray ?? []).Select(word => (Reason: "ShortNamesConflict", Word: word!.ToString(), Taken: words))
            .Append((Reason: "PluralConflict", Word: names["plural"]!.ToString(), Taken: words))
            .Append((Reason: "SingularConflict", Word: names["singular"]?.ToString() ?? "", Taken: words))
            .Append((Reason: "KindConflict", Word: names["kind"]!.ToString(), Taken: kinds))
            .Append((Reason: "ListKindConflict", Word: names["listKind"]?.ToString() ?? "", Taken: kinds))
            .Where(item => item.Taken.Contains(item.Word))
            .Select(item => new NameConflict(item.Reason, $"\"{item.Word}\" is already in use"))
            .FirstOrDefault();
    }

    /// <summary>Brings names, stored versions and conditions of <paramref name="crd"/> up to date in place.</summary>
    public static JsonObject Update(JsonObject crd, NameConflict? problem, string now)
    {
        if (crd["status"] is not JsonObject status)
        {
            crd["status"] = status = [];
        }

        var spec = crd["spec"]!.AsObject();
        if (problem is null)
        {
            status["acceptedNames"] = spec["names"]!.DeepClone();
        }
        else
        {
            status["acceptedNames"] ??= new JsonObject { ["plural"] = "", ["kind"] = "" };
        }

        var stored = (status["storedVersions"] as JsonArray ?? []).Select(version => version!.ToString()).ToList();
        if (CrdRules.StorageVersion(spec) is { } storage && !stored.Contains(storage))
        {
            stored.Add(storage);
        }

        status["storedVersions"] = new JsonArray([.. stored.Select(version => (JsonNode)version)]);
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        SetCondition(conditions, now, "NamesAccepted", problem is null, problem?.Reason ?? "NoConflicts", problem?.Message ?? "no conflicts found");
        SetCondition(
            conditions,
            now,
            "Established",
            problem is null,
            problem is null ? "InitialNamesAccepted" : "NotAccepted",
            problem is null ? "the initial names have been accepted" : "not all names are accepted");
        return crd;
    }

    private static void SetCondition(JsonArray conditions, string now, string type, bool value, string reason, string message)
    {
        var status = value ? "True" : "False";
        var existing = conditions.OfType<JsonObject>().FirstOrDefault(condition => condition["type"]?.ToString() == type);
        if (existing is null)
        {
            conditions.Add(existing = []);
        }
        else if (existing["status"]?.ToString() == status && existing["reason"]?.ToString() == reason && existing["message"]?.ToString() == message)
        {
            return;
        }

        existing["type"] = type;
        existing["status"] = status;
        existing["lastTransitionTime"] = now;
        existing["reason"] = reason;
        existing["message"] = message;
    }
}

/// <summary>A name that another kind of the group has already.</summary>
/// <param name="Reason">Reason of the condition.</param>
/// <param name="Message">Message of the condition; names the word.</param>
internal sealed record NameConflict(string Reason, string Message);
