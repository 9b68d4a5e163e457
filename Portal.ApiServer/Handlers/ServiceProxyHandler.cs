using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Portal.ApiServer.Handlers;

/// <summary>
/// <c>/services/[SCHEME:]NAME[:PORT]/proxy/PATH</c>: passes a request to a ready endpoint of the Service, the answer flushed as it comes.
/// Only endpoints on loopback are reached: whatever runs for this server runs on this machine.
/// </summary>
internal sealed class ServiceProxyHandler(ServerContext server)
{
    // Hop-by-hop (RFC 9110 §7.6.1), and what is meant for this server alone.
    private static readonly string[] s_notPassed =
        ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Authorization", "Content-Length"];

    private static readonly HttpMessageInvoker s_client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    });

    private readonly ServiceEndpoints _endpoints = new(server.Log);
    private int _next;

    /// <summary>Whether a path below the API version is one of these.</summary>
    public static bool Matches(string group, string[] rest) => group.Length == 0 && rest is ["namespaces", _, "services", _, "proxy", ..];

    /// <param name="http">The request.</param>
    /// <param name="rest">Segments of the path below the API version, still without the query.</param>
    public async Task HandleAsync(HttpContext http, string[] rest)
    {
        var (@namespace, reference) = (rest[1], rest[3]);
        var (name, port) = Parse(reference);
        var services = server.Registry.Table.Find("", "v1", "services")!;
        if (server.Log.Find(services.Key(@namespace, name)) is null)
        {
            throw ApiException.NotFound(services, name);
        }

        var address = FindEndpoint(@namespace, name, port);
        var path = http.Request.Path.Value!;
        var tail = path[(path.IndexOf($"/services/{reference}/proxy", StringComparison.Ordinal) + $"/services/{reference}/proxy".Length)..];
        using var request = ToRequest(http, new UriBuilder(address) { Path = tail.Length == 0 ? "/" : tail, Query = http.Request.QueryString.Value }.Uri);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, server.Stopping);
        try
        {
            using var response = await s_client.SendAsync(request, ends.Token);
            await AnswerAsync(http, response, ends.Token);
        }
        catch (HttpRequestException problem) when (!http.Response.HasStarted)
        {
            throw new ApiException(503, "ServiceUnavailable", $"error trying to reach service: {problem.Message}");
        }
    }

    private static (string Name, string? Port) Parse(string reference) => reference.Split(':') switch
    {
        [var name] => (name, null),
        [var name, var port] => (name, port),
        ["http" or "", var name, var port] => (name, port.Length == 0 ? null : port),
        _ => throw ApiException.BadRequest($"invalid service request \"{reference}\""),
    };

    private Uri FindEndpoint(string @namespace, string service, string? port)
    {
        var found = _endpoints.Find(@namespace, service, item => port is null || item["name"]?.ToString() == port || item["port"]?.ToString() == port)
            .FindAll(endpoint => IPAddress.IsLoopback(endpoint.Address));
        if (found.Count == 0)
        {
            throw new ApiException(503, "ServiceUnavailable", $"no endpoints available for service \"{service}\"");
        }

        var next = found[(int)((uint)Interlocked.Increment(ref _next) % (uint)found.Count)];
        return new UriBuilder(Uri.UriSchemeHttp, next.Address.ToString(), next.Port).Uri;
    }

    private static HttpRequestMessage ToRequest(HttpContext http, Uri address)
    {
        var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), address);
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            request.Content = new StreamContent(http.Request.Body);
            request.Content.Headers.ContentLength = http.Request.ContentLength;
        }

        foreach (var (name, values) in http.Request.Headers)
        {
            if (!s_notPassed.Contains(name, StringComparer.OrdinalIgnoreCase) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return request;
    }

    private static async Task AnswerAsync(HttpContext http, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (!s_notPassed.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                http.Response.Headers[name] = new StringValues([.. values]);
            }
        }

        var buffer = new byte[16 * 1024];
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        int read;
        while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
    }
}
