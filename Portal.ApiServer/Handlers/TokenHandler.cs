using Portal.ApiServer.Auth;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

/// <summary><c>POST …/serviceaccounts/NAME/token</c>: a token for a service account, by a TokenRequest.</summary>
internal sealed class TokenHandler(ServerContext server, ServiceAccountTokens tokens)
{
    private const long MinSeconds = 600;
    private const long MaxSeconds = 1L << 32;

    public async Task HandleAsync(ApiCall call)
    {
        if (call.Http.Request.Method != "POST")
        {
            throw ApiException.MethodNotAllowed();
        }

        var resource = BuiltInResources.TokenRequest;
        var write = call.ToWrite(call.Target with { Resource = resource });
        var request = ObjectDecoder.Decode(await ResourceHandler.ReadObjectAsync(call, resource.Definition.Kind), write);
        var account = server.Log.Find(call.Target.Key(call.Target.Name!)) ?? throw ApiException.NotFound(call.Target.Resource, call.Target.Name!);

        // Nothing in the spec is required: clients that set nothing in it leave it out.
        request["spec"] ??= new JsonObject();
        resource.FillDefaults(request, dropNulls: true);
        var spec = request["spec"] as JsonObject ?? throw Invalid(FieldError.Required("spec"));
        var lifetime = Lifetime(spec);
        var bound = FindBound(call, spec["boundObjectRef"] as JsonObject);
        if (spec["audiences"] is not JsonArray { Count: > 0 } audiences)
        {
            spec["audiences"] = audiences = new JsonArray(ServiceAccountTokens.Issuer);
        }

        var (token, expires) = tokens.Issue(account, [.. audiences.Select(audience => audience?.ToString() ?? "")], lifetime, bound);
        var metadata = Metadata.Of(request);
        metadata["name"] = account.Key.Name;
        metadata["namespace"] = account.Key.Namespace;
        metadata["creationTimestamp"] = server.Timestamp;
        request["status"] = new JsonObject
        {
            ["token"] = token,
            ["expirationTimestamp"] = expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        };
        Answer.Warn(call.Http, write.Warnings);
        await Answer.JsonAsync(call.Http, 201, request);
    }

    private static TimeSpan Lifetime(JsonObject spec)
    {
        if (!JsonNumbers.TryInteger(spec["expirationSeconds"], out var seconds))
        {
            throw Invalid(FieldError.Required("spec.expirationSeconds"));
        }

        return seconds switch
        {
            < MinSeconds => throw Invalid(FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")),
            > MaxSeconds => throw Invalid(FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")),
            _ => TimeSpan.FromSeconds(seconds),
        };
    }

    private BoundObject? FindBound(ApiCall call, JsonObject? reference)
    {
        if (reference is null)
        {
            return null;
        }

        string Field(string name) => reference[name]?.ToString() ?? "";
        var (kind, name) = (Field("kind"), Field("name"));
        if (Field("apiVersion") is not ("v1" or "") || kind is not ("Pod" or "Secret"))
        {
            throw ApiException.BadRequest($"cannot bind token to object of type {Field("apiVersion")}, Kind={kind}");
        }

        var resource = server.Registry.Table.FindKind("", kind)!;
        var found = server.Log.Find(resource.Key(call.Target.Namespace, name)) ?? throw ApiException.NotFound(resource, name);
        var account = call.Target.Name!;
        if (kind == "Pod" && (found.Json["spec"]?["serviceAccountName"]?.ToString() ?? "") is var runsAs && runsAs != account)
        {
            throw ApiException.BadRequest($"cannot bind token for serviceaccount \"{account}\" to pod running with serviceaccount \"{runsAs}\"");
        }

        return Field("uid") is { Length: > 0 } uid && uid != found.Uid
            ? throw ApiException.Conflict(
                resource, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated")
            : new BoundObject(kind.ToLowerInvariant(), name, found.Uid);
    }

    private static ApiException Invalid(FieldError error) => ApiException.Invalid(BuiltInResources.TokenRequest, "", [error]);
}
