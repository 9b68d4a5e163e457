using Microsoft.Extensions.Logging;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Resources;
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
        return AdmissionReview.Patch(webhook.Name, version, request, response) && !JsonNode.DeepEquals(before, request.Object);
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
        var review = AdmissionReview.Of(version, request);
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

        return AdmissionReview.Accept(webhook.Name, response, request);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Admission webhook {Name} was passed over: {Reason}")]
        public static partial void PassedOver(ILogger logger, string name, string reason);
    }
}
