using Portal.ApiServer.Handlers;
using Portal.ApiServer.Patching;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Admission;

/// <summary>The question to a webhook (<c>AdmissionReview</c> of <c>admission.k8s.io/v1</c>), and what its response means.</summary>
internal static class AdmissionReview
{
    /// <summary>Takes over the response's warnings; returns it when it allows the request.</summary>
    /// <exception cref="ApiException">It does not.</exception>
    public static JsonObject Accept(string webhook, JsonObject response, AdmissionRequest request)
    {
        lock (request.Write.Warnings)
        {
            request.Write.Warnings.AddRange((response["warnings"] as JsonArray ?? []).Select(warning => warning?.ToString() ?? ""));
        }

        return response["allowed"]?.GetValueKind() == JsonValueKind.True ? response : throw Denial(webhook, response["status"] as JsonObject);
    }

    private static ApiException Denial(string webhook, JsonObject? status)
    {
        var why = status?["message"]?.ToString() is { Length: > 0 } message ? $": {message}"
            : status?["reason"]?.ToString() is { Length: > 0 } reason ? $": {reason}"
            : " without explanation";
        var code = JsonNumbers.TryInteger(status?["code"], out var given) && given is >= 400 and < 600 ? (int)given : 400;
        return new ApiException(
            code, status?["reason"]?.ToString(), $"admission webhook \"{webhook}\" denied the request{why}", status?["details"] as JsonObject);
    }

    /// <summary>Applies the response's patch to the request's object; returns whether it has one.</summary>
    /// <exception cref="ApiException">It cannot be applied.</exception>
    public static bool Patch(string webhook, ServedResource version, AdmissionRequest request, JsonObject response)
    {
        if (response["patch"]?.ToString() is not { Length: > 0 } encoded)
        {
            return false;
        }

        if (response["patchType"]?.ToString() != "JSONPatch")
        {
            throw ApiException.Internal($"webhook \"{webhook}\" gave a patch whose patchType is not JSONPatch");
        }

        try
        {
            var shown = Show(request.Object!, version);
            if (JsonPatch.Apply(shown, JsonNode.Parse(Convert.FromBase64String(encoded))) is not JsonObject patched)
            {
                throw new WebhookFailedException("its patch leaves no object");
            }

            CheckIdentity(patched, request.Object!);
            patched["apiVersion"] = request.Object!["apiVersion"]?.DeepClone();
            patched["kind"] = request.Object["kind"]?.DeepClone();
            request.Object.Clear();
            foreach (var (key, value) in patched)
            {
                request.Object[key] = value?.DeepClone();
            }

            return true;
        }
        catch (Exception problem) when (problem is PatchException or FormatException or JsonException or WebhookFailedException)
        {
            throw ApiException.Internal($"webhook \"{webhook}\" gave a patch that cannot be applied: {problem.Message}");
        }
    }

    /// <summary>The object is stored where the request said, so it must go on saying so itself.</summary>
    private static void CheckIdentity(JsonObject patched, JsonObject shown)
    {
        if (patched["metadata"] is not JsonObject)
        {
            throw new WebhookFailedException("it leaves no metadata");
        }

        foreach (var field in (ReadOnlySpan<string>)["name", "namespace"])
        {
            if (Metadata.Text(patched, field) != Metadata.Text(shown, field))
            {
                throw new WebhookFailedException($"it changes metadata.{field}");
            }
        }
    }

    /// <summary>What a webhook is asked.</summary>
    /// <param name="version">The version of the resource it is to see.</param>
    /// <param name="request">The write.</param>
    public static JsonObject Of(ServedResource version, AdmissionRequest request)
    {
        var (resource, @namespace, _, subresource) = request.Write.Target;
        var body = new JsonObject
        {
            ["uid"] = Guid.NewGuid().ToString(),
            ["kind"] = Kind(version),
            ["resource"] = Resource(version),
            ["requestKind"] = Kind(resource),
            ["requestResource"] = Resource(resource),
            ["name"] = request.Name,
            ["operation"] = request.Operation,
            ["userInfo"] = request.Write.User.ToJson(),
            ["object"] = request.Object is null ? null : Show(request.Object, version),
            ["oldObject"] = request.Old is null ? null : Show(request.Old, version),
            ["dryRun"] = request.Write.DryRun,
            ["options"] = Options(request),
        };
        if (@namespace is not null)
        {
            body["namespace"] = @namespace;
        }

        if (subresource is not null)
        {
            body["subResource"] = subresource;
            body["requestSubResource"] = subresource;
        }

        return new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = "admission.k8s.io/v1", ["request"] = body };
    }

    private static JsonObject Options(AdmissionRequest request)
    {
        var options = new JsonObject
        {
            ["kind"] = request.Operation switch { "CREATE" => "CreateOptions", "DELETE" => "DeleteOptions", _ => "UpdateOptions" },
            ["apiVersion"] = "meta.k8s.io/v1",
        };
        if (request.Write.DryRun)
        {
            options["dryRun"] = new JsonArray("All");
        }

        return options;
    }

    private static JsonObject Show(JsonObject source, ServedResource version)
    {
        var shown = (JsonObject)source.DeepClone();
        shown["apiVersion"] = version.Definition.ApiVersion;
        return shown;
    }

    private static JsonObject Kind(ServedResource resource) => new()
    {
        ["group"] = resource.Definition.Group,
        ["version"] = resource.Definition.Version,
        ["kind"] = resource.Definition.Kind,
    };

    private static JsonObject Resource(ServedResource resource) => new()
    {
        ["group"] = resource.Definition.Group,
        ["version"] = resource.Definition.Version,
        ["resource"] = resource.Definition.Plural,
    };
}
