using System.Net;
using System.Runtime.CompilerServices;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Flows.Logs;

/// <summary>
/// Reads logs of pods through the API server, so that it works on any cluster. A pod that prints without end costs no more than <see cref="BytesASecond"/>: what is
/// beyond is skipped, and the reading goes on with the newest lines.
/// </summary>
internal sealed class PodLogReader(KubeClient client, TimeProvider clock) : IDisposable
{
    public const int BytesASecond = 512 * 1024;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_rarely = TimeSpan.FromSeconds(8);

    private readonly HttpMessageInvoker _http = new(client.Connection.Handler, disposeHandler: false);

    /// <summary>The last lines, then new ones; <see cref="LogPiece.Ended"/> last. A container that is started again is followed on, until its pod is gone.</summary>
    public async IAsyncEnumerable<LogPiece> FollowAsync(LogRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DateTimeOffset? last = null;
        var pause = s_second;
        while (true)
        {
            using var response = await SendAsync(request, follow: true, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                yield return new LogPiece.Ended(await ProblemAsync(response, cancellationToken));
                yield break;
            }

            var before = last;
            await foreach (var piece in ReadAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken))
            {
                if (piece is LogPiece.Line { Time: { } time })
                {
                    // Told already, before the connection was made anew.
                    if (time <= before)
                    {
                        continue;
                    }

                    last = time;
                }

                yield return piece;
            }

            // Without times the lines that were told could not be told from new ones.
            if (!request.GoesOn || request.Previous || last is null)
            {
                yield return new LogPiece.Ended(null);
                yield break;
            }

            pause = last > before || before is null ? s_second : pause < s_rarely ? pause * 2 : s_rarely;
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    /// <summary>Copies the log as it is now, at most <paramref name="limit"/> bytes of it. Returns why it cannot be had; null when it was copied.</summary>
    /// <param name="begin">Called before the first byte.</param>
    public async Task<string?> CopyAsync(LogRequest request, int limit, Func<Stream> begin, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, follow: false, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return await ProblemAsync(response, cancellationToken) ?? "There is no log.";
        }

        await using var log = await response.Content.ReadAsStreamAsync(cancellationToken);
        var target = begin();
        var buffer = new byte[32 * 1024];
        var left = limit;
        int read;
        while (left > 0 && (read = await log.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, left)), cancellationToken)) > 0)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            left -= read;
        }

        return null;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The lines of a stream; ends with <see cref="LogPiece.Skipped"/> when they come too fast.</summary>
    internal async IAsyncEnumerable<LogPiece> ReadAsync(Stream log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var splitter = new LineSplitter();
        var buffer = new byte[16 * 1024];
        var (start, read, total) = (clock.GetTimestamp(), 0, 0);
        while ((read = await ReadAsync(log, buffer, cancellationToken)) > 0)
        {
            foreach (var line in splitter.Add(buffer.AsMemory(0, read)))
            {
                yield return line;
            }

            if (clock.GetElapsedTime(start) > s_second)
            {
                (start, total) = (clock.GetTimestamp(), 0);
            }

            if ((total += read) > BytesASecond)
            {
                yield return new LogPiece.Skipped();
                yield break;
            }
        }

        if (splitter.Rest() is { } rest)
        {
            yield return rest;
        }
    }

    // A connection that breaks off is an end like any other: whoever follows connects anew.
    private static async ValueTask<int> ReadAsync(Stream log, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await log.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return 0;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(LogRequest request, bool follow, CancellationToken cancellationToken)
    {
        var server = client.Connection.Server;
        var path = server.AbsolutePath.TrimEnd('/') + BuiltIn.Pod.Path(request.Namespace, request.Pod, "log") + request.Query(follow);
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(server, path));
        return await _http.SendAsync(message, cancellationToken);
    }

    /// <summary>The server's words; null when the pod is gone.</summary>
    private static async Task<string?> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))?["message"]?.ToString() ?? $"The server answered {(int)response.StatusCode}.";
        }
        catch (JsonException)
        {
            return $"The server answered {(int)response.StatusCode}.";
        }
    }
}
