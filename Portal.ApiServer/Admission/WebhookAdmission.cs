using Microsoft.Extensions.Logging;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Patching;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Schemas.Cel;

namespace Portal.ApiServer.Admission;

/// <summary>
/// Asks the webhooks of MutatingWebhookConfigurations, one after the other in order of name, and of ValidatingWebhookConfigurations, all at once.
/// Configurations themselves are never shown to webhooks, so that a broken one can always be removed.
/// </summary>
internal sealed partial class WebhookAdmission(WebhookClient client, ILogger<WebhookAdmission> logger) : IAdmission
{
    public async Task<bool> MutateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken)
    {
        if (request.Object is null)
        {
            return false;
        }

        var changed = false;
        var asked = new List<Webhook>();
        var again = new List<Webhook>();
        foreach (var webhook in Webhooks(server, "mutatingwebhookconfigurations"))
        {
            if (await MutateAsync(webhook, request, server, cancellationToken))
            {
                changed = true;
                again.AddRange(asked.Where(earlier => earlier.Reinvoked).Except(again));
            }

            asked.Add(webhook);
        }

        foreach (var webhook in asked.Where(again.Contains))
        {
            await MutateAsync(webhook, request, server, cancellationToken);
        }

        return changed;
    }

    /// <summary>Asks one webhook; returns whether it changed the object.</summary>
    private async Task<bool> MutateAsync(Webhook webhook, AdmissionRequest request, ServerContext server, CancellationToken cancellationToken)
    {
        if (webhook.Match(request, server) is not { } version || await AskAsync(webhook, version, request, cancellationToken) is not { } response)
        {
            return false;
        }

        var before = request.Object!.DeepClone();
        return Patch(webhook, version, request, response) && !JsonNode.DeepEquals(before, request.Object);
    }

    public async Task ValidateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken)
    {
        var asked = new List<Task>();
        foreach (var webhook in Webhooks(server, "validatingwebhookconfigurations"))
        {
            if (webhook.Match(request, server) is { } version)
            {
                asked.Add(AskAsync(webhook, version, request, cancellationToken));
            }
        }

        await Task.WhenAll(asked);
    }

    private static IEnumerable<Webhook> Webhooks(ServerContext server, string plural) =>
        server.Log.Snapshot($"admissionregistration.k8s.io/{plural}").Objects
            .SelectMany(stored => (stored.Json["webhooks"] as JsonArray ?? []).OfType<JsonObject>())
            .Select(webhook => new Webhook(webhook));

    /// <summary>The response of a webhook that allows the request; null when it does not want it, or failed and may be passed over.</summary>
    private async Task<JsonObject?> AskAsync(Webhook webhook, ServedResource version, AdmissionRequest request, CancellationToken cancellationToken)
    {
        var review = Review(version, request);
        JsonObject response;
        try
        {
            if (!webhook.Conditions.IsEmpty && !webhook.Conditions.Hold(review))
            {
                return null;
            }

            response = await client.AskAsync(webhook, review, cancellationToken);
        }
        catch (CelEvaluationException problem)
        {
            return webhook.IgnoreFailure ? null : throw ApiException.Forbidden(request.Write.Resource, request.Name, problem.Message);
        }
        catch (WebhookFailedException problem) when (webhook.IgnoreFailure)
        {
            Log.PassedOver(logger, webhook.Name, problem.Message);
            return null;
        }
        catch (WebhookFailedException problem)
        {
            throw ApiException.Internal($"failed calling webhook \"{webhook.Name}\": {problem.Message}");
        }

        lock (request.Write.Warnings)
        {
            request.Write.Warnings.AddRange((response["warnings"] as JsonArray ?? []).Select(warning => warning?.ToString() ?? ""));
        }

        return response["allowed"]?.GetValueKind() == JsonValueKind.True ? response : throw Denial(webhook, response["status"] as JsonObject);
    }

    private static ApiException Denial(Webhook webhook, JsonObject? status)
    {
        var why = status?["message"]?.ToString() is { Length: > 0 } message ? $": {message}"
            : status?["reason"]?.ToString() is { Length: > 0 } reason ? $": {reason}"
            : " without explanation";
        var code = JsonNumbers.TryInteger(status?["code"], out var given) && given is >= 400 and < 600 ? (int)given : 400;
        return new ApiException(
            code, status?["reason"]?.ToString(), $"admission webhook \"{webhook.Name}\" denied the request{why}", status?["details"] as JsonObject);
    }

    private static bool Patch(Webhook webhook, ServedResource version, AdmissionRequest request, JsonObject response)
    {
        if (response["patch"]?.ToString() is not { Length: > 0 } encoded)
        {
            return false;
        }

        if (response["patchType"]?.ToString() != "JSONPatch")
        {
            throw ApiException.Internal($"webhook \"{webhook.Name}\" gave a patch whose patchType is not JSONPatch");
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
            throw ApiException.Internal($"webhook \"{webhook.Name}\" gave a patch that cannot be applied: {problem.Message}");
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

    private static JsonObject Review(ServedResource version, AdmissionRequest request)
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

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Admission webhook {Name} was passed over: {Reason}")]
        public static partial void PassedOver(ILogger logger, string name, string reason);
    }
}
