using System.Text;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;

namespace Portal.Operator.Admission;

/// <summary>Speaks <c>AdmissionReview</c> of <c>admission.k8s.io/v1</c>: a review with a request in, one with a response out.</summary>
public static class AdmissionReviews
{
    private const string ApiVersion = "admission.k8s.io/v1";
    private const int MaxWarnings = 20;

    /// <summary>Clients are told to expect no more in one warning.</summary>
    private const int MaxWarning = 256;

    /// <summary>Refuses what the chain refuses, as a <c>Status</c> with one cause a field, and passes its warnings on.</summary>
    /// <exception cref="FormatException">It is no review this can answer; says why.</exception>
    public static JsonObject Validate(JsonObject review, AdmissionChain chain)
    {
        var request = RequestIn(review);
        var verdict = chain.Review(Read(request));
        AdmissionMetrics.Count(chain.Knows(Text(request["kind"], "kind")) ? Text(request["kind"], "kind") : "other", verdict);
        var response = Response(request, verdict.IsAllowed);
        if (!verdict.IsAllowed)
        {
            response["status"] = Refusal(request, verdict.Errors);
        }

        if (verdict.Warnings.Count > 0)
        {
            response["warnings"] = new JsonArray([.. Lines(verdict.Warnings).Select(line => (JsonNode)line)]);
        }

        return Envelope(response);
    }

    /// <summary>Adds defaults; refuses nothing, because validation comes after all changes.</summary>
    /// <exception cref="FormatException">It is no review this can answer; says why.</exception>
    public static JsonObject Mutate(JsonObject review, AdmissionChain chain)
    {
        var request = RequestIn(review);
        var defaults = chain.Review(Read(request)).Defaults;
        var response = Response(request, allowed: true);
        if (defaults.Count > 0)
        {
            var patch = new JsonArray([.. defaults.Select(item => (JsonNode)new JsonObject
            {
                ["op"] = "add",
                ["path"] = $"/spec/{item.Key}",
                ["value"] = item.Value.DeepClone(),
            })]);
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(patch, KubernetesJson.Options));
        }

        return Envelope(response);
    }

    private static JsonObject RequestIn(JsonObject review)
    {
        if (review["apiVersion"]?.ToString() != ApiVersion || review["kind"]?.ToString() != "AdmissionReview")
        {
            throw new FormatException($"The body must be an AdmissionReview of {ApiVersion}.");
        }

        return review["request"] is JsonObject request && request["uid"] is JsonValue
            ? request
            : throw new FormatException("The AdmissionReview has no request with a uid.");
    }

    private static AdmissionRequest Read(JsonObject request)
    {
        var operation = Text(request, "operation") switch { "CREATE" => AdmissionOperation.Create, "UPDATE" => AdmissionOperation.Update, _ => AdmissionOperation.Delete };

        // A subresource is not the object's author speaking.
        return Text(request["kind"], "group") == GenkitApi.Group && Text(request, "subResource").Length == 0
            ? new AdmissionRequest(operation, Placed(request, "object"), request["oldObject"] as JsonObject) { IsStored = Text(request, "dryRun") != "true" }
            : new AdmissionRequest(AdmissionOperation.Delete, null);
    }

    /// <summary>The object with its namespace, which a server may leave to the request.</summary>
    private static JsonObject? Placed(JsonObject request, string member)
    {
        if (request[member] is not JsonObject target)
        {
            return null;
        }

        var copy = (JsonObject)target.DeepClone();
        if (copy["metadata"] is not JsonObject metadata)
        {
            copy["metadata"] = metadata = [];
        }

        metadata["namespace"] ??= request["namespace"]?.DeepClone();
        copy["kind"] ??= Text(request["kind"], "kind");
        return copy;
    }

    private static string Text(JsonNode? owner, string member) => (owner as JsonObject)?[member]?.ToString() ?? "";

    private static JsonObject Response(JsonObject request, bool allowed) => new() { ["uid"] = request["uid"]!.DeepClone(), ["allowed"] = allowed };

    private static JsonObject Envelope(JsonObject response) => new() { ["apiVersion"] = ApiVersion, ["kind"] = "AdmissionReview", ["response"] = response };

    /// <summary>In the shape the API server's own validation has, so that kubectl prints it the same way.</summary>
    private static JsonObject Refusal(JsonObject request, IReadOnlyList<AdmissionFinding> errors)
    {
        var kind = Text(request["kind"], "kind");
        var name = Text(request, "name") is { Length: > 0 } given ? given : Text((request["object"] as JsonObject)?["metadata"], "name");
        var list = errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors)}]";
        return new JsonObject
        {
            ["status"] = "Failure",
            ["reason"] = "Invalid",
            ["code"] = 422,
            ["message"] = $"{kind}.{GenkitApi.Group} \"{name}\" is invalid: {list}",
            ["details"] = new JsonObject
            {
                ["group"] = GenkitApi.Group,
                ["kind"] = kind,
                ["name"] = name,
                ["causes"] = new JsonArray([.. errors.Select(error => (JsonNode)new JsonObject
                {
                    ["reason"] = "FieldValueInvalid",
                    ["message"] = error.Advice,
                    ["field"] = error.Field,
                })]),
            },
        };
    }

    private static IEnumerable<string> Lines(IReadOnlyList<AdmissionFinding> warnings)
    {
        var lines = warnings.Take(MaxWarnings).Select(Line);
        return warnings.Count > MaxWarnings ? lines.Append($"and {warnings.Count - MaxWarnings} more") : lines;
    }

    /// <summary>One line that a header can hold.</summary>
    private static string Line(AdmissionFinding warning)
    {
        var line = new StringBuilder(MaxWarning);
        foreach (var letter in warning.ToString())
        {
            if (line.Length == MaxWarning - 3)
            {
                line.Append("...");
                break;
            }

            line.Append(char.IsControl(letter) ? ' ' : letter);
        }

        return line.ToString();
    }
}
