using Portal.ApiServer.Handlers;

namespace Portal.ApiServer.Admission;

/// <summary>Asks the webhooks of this process, before those of configurations.</summary>
internal sealed class LocalAdmission(IReadOnlyList<LocalWebhook> webhooks) : IAdmission
{
    public Task<bool> MutateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var webhook in For(request))
        {
            var response = Ask(webhook, webhook.Mutate, request);
            changed |= AdmissionReview.Patch(webhook.Name, request.Write.Resource, request, response);
        }

        return Task.FromResult(changed);
    }

    public Task ValidateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken)
    {
        foreach (var webhook in For(request))
        {
            Ask(webhook, webhook.Validate, request);
        }

        return Task.CompletedTask;
    }

    private IEnumerable<LocalWebhook> For(AdmissionRequest request) => request.Object is null || request.Write.Target.Subresource is not null
        ? []
        : webhooks.Where(webhook => webhook.Group == request.Write.Resource.Definition.Group);

    /// <exception cref="ApiException">It refuses.</exception>
    private static JsonObject Ask(LocalWebhook webhook, Func<JsonObject, JsonObject> question, AdmissionRequest request)
    {
        var answer = question(AdmissionReview.Of(request.Write.Resource, request));
        return AdmissionReview.Accept(webhook.Name, answer["response"]!.AsObject(), request);
    }
}
