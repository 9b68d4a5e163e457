using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portal.ApiServer.Auth;
using Portal.ApiServer.Discovery;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Handlers;

/// <summary>The one entry of every request: who asks, what for, and how failures are told.</summary>
internal sealed partial class RequestRouter(
    ServerContext server, Authenticator authenticator, ServiceAccountTokens tokens, PodLogHandler podLogs, AuditLog? audit)
{
    private readonly ILogger _logger = server.Loggers.CreateLogger<RequestRouter>();
    private readonly DiscoveryHandler _discovery = new(server, tokens);
    private readonly ResourceHandler _resources = new(server);
    private readonly ScaleHandler _scale = new(server);
    private readonly ServiceProxyHandler _serviceProxy = new(server);
    private readonly ReviewHandler _reviews = new(server.Authorizer, authenticator);
    private readonly TokenHandler _tokens = new(server, tokens);

    public async Task HandleAsync(HttpContext http)
    {
        var path = (http.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var caller = new Caller(RequestAttributes.Of(http, path));
        if (audit is null)
        {
            await AnswerAsync(http, path, caller);
            return;
        }

        var (id, received) = (AuditLog.Begin(http), server.TimeProvider.GetUtcNow());
        ApiException? refusal = null;
        try
        {
            refusal = await AnswerAsync(http, path, caller);
        }
        finally
        {
            audit.Write(id, received, http, caller, refusal);
        }
    }

    /// <summary>Answers, and returns the refusal if it was one.</summary>
    private async Task<ApiException?> AnswerAsync(HttpContext http, string[] path, Caller caller)
    {
        ApiException refusal;
        try
        {
            Admit(http, caller);
            await RouteAsync(http, path, caller);
            return null;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested || server.Stopping.IsCancellationRequested)
        {
            // The client left or the server stops: there is nobody to answer.
            return null;
        }
        catch (BadHttpRequestException problem)
        {
            refusal = new ApiException(problem.StatusCode, "BadRequest", problem.Message);
        }
        catch (ApiException problem)
        {
            refusal = problem;
        }
        catch (StorageException problem)
        {
            Log.NotStored(_logger, problem, http.Request.Method, http.Request.Path);
            refusal = problem.IsFull ? ApiException.InsufficientStorage(problem.Message) : ApiException.Internal(problem.Message);
        }
#pragma warning disable CA1031 // Whatever went wrong, the client gets a Status and the log the details.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            Log.Failed(_logger, problem, http.Request.Method, http.Request.Path);
            refusal = ApiException.Internal("the request failed; see the server's log");
        }

        await RefuseAsync(http, refusal);
        return refusal;
    }

    /// <summary>Finds out who asks or whom they act as, and that this user may do what is asked.</summary>
    private void Admit(HttpContext http, Caller caller)
    {
        caller.Authenticated = authenticator.Authenticate(http);
        caller.Impersonated = Impersonation.Find(http, caller.Authenticated, server.Authorizer);
        caller.Decision = server.Authorizer.Decide(caller.User, caller.Request);
        if (caller.Decision is (false, var reason))
        {
            throw Authorizer.Forbidden(caller.User, caller.Request, reason);
        }
    }

    private async Task RouteAsync(HttpContext http, string[] path, Caller caller)
    {
        if (await _discovery.TryHandleAsync(http, path))
        {
            return;
        }

        var (group, version, rest) = path switch
        {
            ["api", var coreVersion, .. var tail] => ("", coreVersion, tail),
            ["apis", var name, var named, .. var tail] => (name, named, tail),
            _ => ("", "", []),
        };
        var table = server.Registry.Table;
        if (rest.Length == 0 || table.FindGroup(group) is not { } known || !known.Versions.Contains(version))
        {
            await Answer.NotFoundPageAsync(http);
            return;
        }

        if (ServiceProxyHandler.Matches(group, rest))
        {
            await _serviceProxy.HandleAsync(http, rest);
            return;
        }

        var watched = rest is ["watch", _, ..];
        var target = Resolve(table, group, version, watched ? rest[1..] : rest);
        if (target is null)
        {
            await (known.IsCustom ? Answer.NotFoundPageAsync(http) : throw ApiException.UnknownPath());
            return;
        }

        await DispatchAsync(new ApiCall(http, watched ? Watched(http, target) : target, caller));
    }

    /// <summary>Turns the old form of a watch, <c>watch/namespaces/NS/RESOURCE[/NAME]</c>, into a watch of a collection.</summary>
    private static Target Watched(HttpContext http, Target target)
    {
        if (!HttpMethods.IsGet(http.Request.Method))
        {
            throw ApiException.MethodNotAllowed();
        }

        if (target.Subresource is not null)
        {
            throw ApiException.UnknownPath();
        }

        // The path decides: it is what was authorised.
        var query = http.Request.Query;
        var changed = QueryString.Create(query.Where(pair => pair.Key is not ("watch" or "fieldSelector"))).Add("watch", "true");
        var fields = query["fieldSelector"].FirstOrDefault() ?? "";
        if (target.Name is { } name)
        {
            fields = fields.Length == 0 ? $"metadata.name={name}" : $"{fields},metadata.name={name}";
        }

        http.Request.QueryString = fields.Length == 0 ? changed : changed.Add("fieldSelector", fields);
        return target with { Name = null };
    }

    private static Target? Resolve(ResourceTable table, string group, string version, string[] rest)
    {
        string? @namespace = null;
        if (rest is ["namespaces", var name, var plural, ..] && !(group.Length == 0 && plural is "status" or "finalize"))
        {
            @namespace = name;
            rest = rest[2..];
        }

        if (rest.Length is 0 or > 3 || table.Find(group, version, rest[0]) is not { } resource)
        {
            return null;
        }

        // A namespaced object needs a namespace in its path; a cluster-scoped one must not have one.
        if (resource.Namespaced ? @namespace is null && rest.Length > 1 : @namespace is not null)
        {
            return null;
        }

        return new Target(resource, @namespace, rest.ElementAtOrDefault(1), rest.ElementAtOrDefault(2));
    }

    private Task DispatchAsync(ApiCall call)
    {
        var (resource, _, name, subresource) = call.Target;
        if (resource.DeprecationWarning is { } warning)
        {
            Answer.Warn(call.Http, [warning]);
        }

        if (BuiltInResources.IsReview(resource))
        {
            return _reviews.HandleAsync(call);
        }

        return subresource switch
        {
            null when resource.IsCustom && resource.Namespaced && call.Target.Namespace is null && call.Http.Request.Method == "POST" =>
                Answer.NotFoundPageAsync(call.Http),
            null => _resources.HandleAsync(call),
            "scale" when resource.Scale is not null => _scale.HandleAsync(call),
            "token" when resource.Subresources.Any(known => known.Name == "token") => _tokens.HandleAsync(call),
            "log" when resource.Subresources.Any(known => known.Name == "log") => podLogs.HandleAsync(call),
            _ when ResourceHandler.Serves(resource, subresource) => _resources.HandleAsync(call),
            "status" or "scale" when resource.IsCustom => throw ApiException.NotFound(resource, name!),
            _ => throw ApiException.UnknownPath(),
        };
    }

    private static async Task RefuseAsync(HttpContext http, ApiException problem)
    {
        if (http.Response.HasStarted)
        {
            // Too late for a status code: a cut connection is the only honest answer left.
            http.Abort();
            return;
        }

        if (problem.Code == 401)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"kubernetes-master\"";
        }

        await Answer.JsonAsync(http, problem.Code, problem.ToStatus());
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Request {Method} {Path} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string method, string path);

        [LoggerMessage(Level = LogLevel.Error, Message = "Request {Method} {Path} could not be stored")]
        public static partial void NotStored(ILogger logger, Exception exception, string method, string path);
    }
}
