using System.Runtime.CompilerServices;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Flows;

/// <summary>Reads logs of pods through the API server, so that it works on any cluster.</summary>
internal sealed class PodLogReader(KubeClient client) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(client.Connection.Handler, disposeHandler: false);

    /// <summary>The last lines, then new ones until the pod ends or the reading is cancelled. Nothing when there is no log to read.</summary>
    public async IAsyncEnumerable<string> FollowAsync(string @namespace, string pod, int tail, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var server = client.Connection.Server;
        var path = server.AbsolutePath.TrimEnd('/') + BuiltIn.Pod.Path(@namespace, pod, "log") + $"?follow=true&tailLines={tail}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, path));
        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            yield break;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    public void Dispose() => _http.Dispose();
}
