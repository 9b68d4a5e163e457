using System.Net;
using System.Net.Sockets;

namespace Portal.Runner.Tools;

/// <summary>
/// Connects to Services by name. In a cluster its DNS knows them; where flows are processes of one machine, a file does
/// (<c>GENKIT_SERVICES_FILE</c>), read anew at each connection, since processes come and go.
/// </summary>
/// <param name="file">The file; null where there is none.</param>
internal sealed class ServiceNames(string? file)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await (Find(context.DnsEndPoint.Host) is { } local
                ? socket.ConnectAsync(local, cancellationToken)
                : socket.ConnectAsync(context.DnsEndPoint, cancellationToken));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A place of the Service, one after the other; null when the file does not know it.</summary>
    /// <exception cref="ToolException">The file says that nothing answers, or cannot be read.</exception>
    internal IPEndPoint? Find(string host)
    {
        if (file is null || !host.EndsWith(".svc", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            var known = File.Exists(file) ? JsonNode.Parse(File.ReadAllBytes(file))?[host] as JsonArray : null;
            return known is { Count: > 0 } && IPEndPoint.TryParse(known[Random.Shared.Next(known.Count)]?.ToString() ?? "", out var place)
                ? place
                : throw new ToolException($"nothing answers at {host}; is the flow running?");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new ToolException($"the place of {host} cannot be read.", exception);
        }
    }
}
