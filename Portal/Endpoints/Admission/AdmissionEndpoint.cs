using Portal.Operator.Admission;
using Portal.Operator.Manifests;

namespace Portal.Endpoints.Admission;

/// <summary>Answers the API server's <c>AdmissionReview</c>s. It needs no sign-in: it changes nothing, and says no more than whether what an object names exists.</summary>
internal sealed class AdmissionEndpoint(AdmissionChain chain)
{
    /// <summary>Two objects at the size a cluster can store, with room for escapes.</summary>
    public const long MaxBody = 8 * 1024 * 1024;

    /// <summary>As deep as an API server reads.</summary>
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 1000 };

    public async Task HandleAsync(HttpContext context)
    {
        Func<JsonObject, AdmissionChain, JsonObject>? answer = context.Request.Path.Value switch
        {
            WebhookManifests.ValidatePath => AdmissionReviews.Validate,
            WebhookManifests.MutatePath => AdmissionReviews.Mutate,
            _ => null,
        };
        if (answer is null)
        {
            await SayAsync(context, StatusCodes.Status404NotFound, $"There are {WebhookManifests.ValidatePath} and {WebhookManifests.MutatePath} here.");
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "Send an AdmissionReview with POST.");
            return;
        }

        try
        {
            var review = await JsonNode.ParseAsync(context.Request.Body, null, s_json, context.RequestAborted) as JsonObject
                ?? throw new FormatException("The body must be a JSON object.");
            var bytes = JsonSerializer.SerializeToUtf8Bytes(answer(review, chain));
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, JsonProblem.Describe(exception));
        }
        catch (FormatException exception)
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, exception.Message);
        }
        catch (BadHttpRequestException exception)
        {
            await SayAsync(context, exception.StatusCode, exception.Message);
        }
    }

    private static Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n");
    }
}
