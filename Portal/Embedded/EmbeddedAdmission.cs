using Portal.ApiServer.Admission;
using Portal.Operator.Admission;
using Portal.Operator.Api;

namespace Portal.Embedded;

/// <summary>The admission rules inside the embedded API server. The server starts before the rules can be made; until <see cref="Use"/> all is allowed.</summary>
internal sealed class EmbeddedAdmission
{
    private volatile AdmissionChain? _chain;

    public EmbeddedAdmission() => Webhook = new LocalWebhook
    {
        Name = "admission.genkit.dev",
        Group = GenkitApi.Group,
        Mutate = review => AdmissionReviews.Mutate(review, _chain ?? AdmissionChain.Empty),
        Validate = review => AdmissionReviews.Validate(review, _chain ?? AdmissionChain.Empty),
    };

    public LocalWebhook Webhook { get; }

    public void Use(AdmissionChain chain) => _chain = chain;
}
