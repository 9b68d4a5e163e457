using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Portal.Runner.Evaluation.Cluster;

/// <summary>The two things an evaluation asks of the API server, as the pod's service account. The token is read anew for each request: the kubelet rotates it.</summary>
/// <param name="client">Trusts the cluster's authority.</param>
/// <param name="server">Address of the API server.</param>
/// <param name="account">The directory with the token.</param>
/// <param name="timeProvider">Waits between attempts.</param>
internal sealed class ClusterApi(HttpClient client, Uri server, ServiceAccount account, TimeProvider timeProvider) : IDisposable
{
    private const string FieldManager = "genkit-eval";
    private const int Attempts = 4;
    private const int MaxAnswerBytes = 4 * 1024 * 1024;

    /// <exception cref="EvaluationException">BadConfiguration: this is not a pod with a service account.</exception>
    public static ClusterApi Open(ServiceAccount account, TimeProvider timeProvider)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(account.AuthorityFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EvaluationException(EvaluationExit.BadConfiguration,
                $"{account.AuthorityFile} cannot be read, so the API server cannot be trusted; does the pod mount its service account?", exception);
        }

        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        };
        return new ClusterApi(new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = MaxAnswerBytes }, account.Server, account, timeProvider);
    }

    /// <summary>The <c>data</c> of a ConfigMap of the pod's namespace.</summary>
    /// <exception cref="FormatException">It cannot be had; says why.</exception>
    public async Task<JsonObject> ReadConfigMapAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, name, "", null, "get", cancellationToken);
        return EvaluationJson.Parse(answer) is JsonObject configMap
            ? configMap["data"] as JsonObject ?? []
            : throw new FormatException("the API server's answer is no object; does something stand between it and the pod?");
    }

    /// <summary>Sets one key by server-side apply; other keys and other writers' fields stay. Creates the ConfigMap when there is none.</summary>
    /// <exception cref="FormatException">It was refused; says why.</exception>
    public async Task ApplyConfigMapKeyAsync(string name, string key, string value, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = account.Namespace },
            ["data"] = new JsonObject { [key] = value },
        };
        await SendAsync(HttpMethod.Patch, name, $"?fieldManager={FieldManager}&force=true", body, "patch", cancellationToken);
    }

    public void Dispose() => client.Dispose();

    private async Task<string> SendAsync(HttpMethod method, string name, string query, JsonObject? body, string verb, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(account.Namespace)}/configmaps/{Uri.EscapeDataString(name)}{query}";
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, new Uri(server, path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.ReadToken());
            request.Content = body is null ? null : new StringContent(body.ToJsonString(EvaluationJson.Compact), Encoding.UTF8, "application/apply-patch+yaml");
            string reason;
            try
            {
                using var response = await client.SendAsync(request, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return await response.Content.ReadAsStringAsync(cancellationToken);
                }

                reason = await DescribeAsync(response, name, verb, cancellationToken);
                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError) || attempt == Attempts)
                {
                    throw new FormatException(reason);
                }
            }
            catch (Exception exception) when (attempt < Attempts && IsPassing(exception, cancellationToken))
            {
                // The API server may be restarting.
            }
            catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new FormatException("the API server does not answer", exception);
            }

            await Task.Delay(TimeSpan.FromSeconds(1 << (attempt - 1)), timeProvider, cancellationToken);
        }
    }

    private static bool IsPassing(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException { HttpRequestError: not HttpRequestError.SecureConnectionError }
        || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task<string> DescribeAsync(HttpResponseMessage response, string name, string verb, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var message = (EvaluationJson.Parse(text) as JsonObject)?["message"]?.ToString();
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => $"there is no ConfigMap \"{name}\" in namespace {account.Namespace}",
            HttpStatusCode.Unauthorized => "the API server does not accept the service account's token",
            HttpStatusCode.Forbidden => $"the service account may not {verb} ConfigMap \"{name}\" in namespace {account.Namespace}; give it a Role that may: {message}",
            _ => $"the API server answers {(int)response.StatusCode}{(message is null ? "" : $": {message}")}",
        };
    }
}
